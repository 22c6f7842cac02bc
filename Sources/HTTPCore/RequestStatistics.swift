/// How many requests were answered, how, and how fast.
///
/// Labels are templates of routes, never paths, so that clients cannot make the table grow.
package struct RequestStatistics: Sendable {
  /// Upper bounds of the buckets in seconds: probes take microseconds, waits a minute.
  package static let bounds = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60]

  private struct Kind: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  private struct Histogram {
    /// Of each bucket by itself, the last without a bound.
    var counts = [Int](repeating: 0, count: bounds.count + 1)
    var sum = 0.0

    mutating func add(_ seconds: Double) {
      counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
      sum += seconds
    }
  }

  private var answered: [Kind: Int] = [:]
  private var durations: [String: Histogram] = [:]

  package init() {}

  /// Counts an answer.
  package mutating func count(_ record: ExchangeRecord) {
    let method = record.method.map { RequestHead.supportedMethods.contains($0) ? $0 : "other" }
    let route = record.template ?? "none"
    answered[Kind(method: method ?? "other", route: route, status: record.status), default: 0] += 1
    let (seconds, attoseconds) = record.duration.components
    durations[route, default: Histogram()].add(Double(seconds) + Double(attoseconds) / 1e18)
  }

  /// The numbers for Prometheus, in an order that stays.
  package var families: [MetricFamily] {
    let kinds = answered.sorted {
      ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
    }
    return [
      MetricFamily(
        "http_requests_total", .counter, "Requests answered, refusals included.",
        kinds.map { kind, count in
          MetricFamily.Sample(
            [
              .init("method", kind.method), .init("route", kind.route),
              .init("status", String(kind.status)),
            ], Double(count))
        }),
      MetricFamily(
        "http_request_duration_seconds", .histogram,
        "Time from the first byte of a request to the head of its answer.",
        durations.sorted { $0.key < $1.key }.flatMap { Self.samples(route: $0, $1) }),
    ]
  }

  private static func samples(route: String, _ histogram: Histogram) -> [MetricFamily.Sample] {
    let label = MetricFamily.Label("route", route)
    var total = 0
    var samples: [MetricFamily.Sample] = []
    for (bound, count) in zip(bounds + [.infinity], histogram.counts) {
      total += count
      samples.append(
        .init(suffix: "_bucket", [label, .init("le", PrometheusText.number(bound))], Double(total)))
    }
    return samples + [
      .init(suffix: "_sum", [label], histogram.sum),
      .init(suffix: "_count", [label], Double(total)),
    ]
  }
}
