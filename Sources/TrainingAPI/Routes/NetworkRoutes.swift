internal import HTTPCore
internal import NeuralNetwork
internal import TrainingJobs

extension APIService {
  /// What can be said of a network without training it.
  func addNetworkRoutes(to router: inout Router) {
    router.add(
      method: "POST", "/networks/validate", RouteOptions(access: .readers),
      handler { request, _ in
        try request.checkQuery()
        return try await offPool {
          let body = try request.json(tensorsAt: TensorPlaces.ofTrainingRequest)
          return .json(NetworkReport(RequestReading(body, completeness: .network)).document)
        }
      })
  }
}
