import Testing

@testable import HTTPCore

@Suite("Metrics")
struct MetricTests {
  @Test("the text is Prometheus' format, its labels escaped")
  func text() {
    let families = [
      MetricFamily(
        "a_total", .counter, "Back\\slash\nand \"quotes\".",
        [.init([.init("x", "1\\\"\n"), .init("y", "z")], 3), .init([], 0.25)]),
      MetricFamily("b", .gauge, "None.", []),
      MetricFamily("c", .gauge, "Whole.", 7),
    ]
    let expected = #"""
      # HELP a_total Back\\slash\nand "quotes".
      # TYPE a_total counter
      a_total{x="1\\\"\n",y="z"} 3
      a_total 0.25
      # HELP b None.
      # TYPE b gauge
      # HELP c Whole.
      # TYPE c gauge
      c 7

      """#
    #expect(String(decoding: PrometheusText.write(families), as: UTF8.self) == expected)
  }

  private func record(_ method: String?, _ template: String?, _ duration: Duration)
    -> ExchangeRecord
  {
    ExchangeRecord(
      method: method, template: template, status: 200, duration: duration, requestBodyBytes: 0,
      responseBodyBytes: 0, requestID: "", peer: nil, caller: nil, head: nil)
  }

  @Test("paths and methods that clients make up do not become labels")
  func boundedLabels() {
    var statistics = RequestStatistics()
    for method in ["TRACE", "BREW", nil] { statistics.count(record(method, nil, .zero)) }
    let text = String(decoding: PrometheusText.write(statistics.families), as: UTF8.self)
    #expect(
      text.contains(#"http_requests_total{method="other",route="none",status="200"} 3"# + "\n"))
  }

  @Test("a duration counts in its bucket and in every greater one")
  func buckets() {
    var statistics = RequestStatistics()
    for milliseconds in [1, 2, 200_000] {
      statistics.count(record("GET", "/a/{b}", .milliseconds(milliseconds)))
    }
    let lines = String(decoding: PrometheusText.write(statistics.families), as: UTF8.self)
      .split(separator: "\n")
    func line(_ suffix: String, _ le: String = "") -> String {
      "http_request_duration_seconds\(suffix){route=\"/a/{b}\"\(le)} "
    }
    for expected in [
      line("_bucket", ",le=\"0.0005\"") + "0", line("_bucket", ",le=\"0.001\"") + "1",
      line("_bucket", ",le=\"0.005\"") + "2", line("_bucket", ",le=\"60\"") + "2",
      line("_bucket", ",le=\"+Inf\"") + "3", line("_count") + "3", line("_sum") + "200.003",
    ] {
      #expect(lines.contains(Substring(expected)), "\(expected)")
    }
  }
}
