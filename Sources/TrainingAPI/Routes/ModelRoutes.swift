internal import HTTPCore
internal import Jobs
internal import NeuralNetwork
internal import TrainingJobs

extension APIService {
  /// The trained network, for elsewhere.
  func addModelRoutes(to router: inout Router) {
    router.add(
      method: "GET", "/jobs/{id}/model",
      handler { request, parameters in
        try request.checkQuery()
        let trained = try await trained(parameters, in: try jobs(of: request))
        return try await offPool {
          .json(trained.model.document(jobID: trained.job.id.description))
            .tagged(ifLast: trained.job)
        }
      })
  }
}
