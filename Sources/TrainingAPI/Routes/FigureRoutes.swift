internal import HTTPCore
internal import Jobs
internal import Training
internal import TrainingJobs

extension APIService {
  /// The picture of a classification of points of the plane.
  func addFigureRoutes(to router: inout Router) {
    router.add(
      method: "GET", "/jobs/{id}/figure.svg",
      handler { request, parameters in
        try request.checkQuery("split")
        let name = try request.queryChoice("split", of: SplitName.allCases.map(\.rawValue))
        let jobs = try jobs(of: request)
        let trained = try await trained(parameters, in: jobs)
        let dataset = try await jobs.dataset(of: trained)
        return try await offPool {
          let svg = try TrainingFigure.svg(
            title: trained.job.name ?? trained.job.id.description, trained.model, dataset,
            splits: name.flatMap(SplitName.init(rawValue:)).map { [$0] }, trained.stored.options)
          return HTTPResponse(
            status: 200, headers: ["Content-Type": "image/svg+xml"], body: .bytes(Array(svg.utf8))
          ).tagged(ifLast: trained.job)
        }
      })
  }
}
