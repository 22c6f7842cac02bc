package import HTTPCore

extension ServerMetrics {
  /// The numbers for Prometheus.
  package var families: [MetricFamily] {
    [
      MetricFamily(
        "http_rejected_total", .counter, "Refusals and broken-off answers by their code.",
        rejected.sorted { $0.key < $1.key }.map { code, count in
          .init([.init("reason", code)], Double(count))
        }),
      MetricFamily(
        "http_connections_accepted_total", .counter, "Connections accepted, refused ones included.",
        connectionsAccepted),
      MetricFamily("http_connections_open", .gauge, "Connections at present.", connectionsOpen),
      MetricFamily("http_streams_open", .gauge, "Streamed answers at present.", streamsOpen),
      MetricFamily(
        "http_handlers_running", .gauge, "Requests in work at present.", handlersRunning),
      MetricFamily(
        "http_bulk_uploads", .gauge, "Large bodies on their way at present.", bulkUploads),
      MetricFamily(
        "http_request_bytes_held", .gauge, "Bytes of requests in memory.", requestBytesHeld),
      MetricFamily(
        "http_answer_bytes_held", .gauge, "Bytes of answers that wait to be sent.", answerBytesHeld),
    ]
  }
}
