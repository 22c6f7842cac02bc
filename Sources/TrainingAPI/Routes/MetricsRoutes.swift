internal import HTTPCore
internal import Jobs
internal import Training
internal import TrainingJobs

extension APIService {
  /// The history of a job.
  func addMetricsRoutes(to router: inout Router) {
    router.add(
      method: "GET", "/jobs/{id}/metrics",
      handler { request, parameters in
        try request.checkQuery()
        let id = try jobID(parameters)
        if let stored = try await jobs(of: request).details(of: id) {
          return .json(stored)
        }
        return try await offPool { .json((live[id]?.history ?? History()).document) }
      })
  }
}
