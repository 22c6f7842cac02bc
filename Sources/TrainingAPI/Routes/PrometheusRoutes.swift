internal import HTTPCore
internal import Jobs

extension APIService {
  /// What Prometheus scrapes; it ignores the query, as the probes do.
  func addPrometheusRoutes(to router: inout Router) {
    router.add(
      method: "GET", "/metrics",
      handler { _, _ in
        let counts = try await jobCounts
        let jobs = MetricFamily(
          "descent_jobs", .gauge, "Jobs in the store by their status.",
          JobStatus.allCases.map { status in
            .init([.init("status", status.rawValue)], Double(counts[status]))
          })
        return HTTPResponse(
          status: 200, headers: ["Content-Type": PrometheusText.contentType],
          body: .bytes(PrometheusText.write([jobs] + metrics())))
      })
  }
}
