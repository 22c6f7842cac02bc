internal import HTTPCore
internal import NeuralNetwork
internal import TrainingJobs

/// Takes what `POST /jobs` takes.
private let validatingRoute = RouteOptions(isBulk: true, access: .readers)

extension APIService {
  /// What can be said of a network without training it.
  func addNetworkRoutes(to router: inout Router) {
    router.add(
      method: "POST", "/networks/validate", validatingRoute,
      handler { request, _ in
        try request.checkQuery()
        let body = try await json(
          request, to: validatingRoute, tensorsAt: TensorPlaces.ofTrainingRequest)
        defer { withExtendedLifetime(body.claim) {} }
        return try await offPool {
          .json(NetworkReport(RequestReading(body.document, completeness: .network)).document)
        }
      })
  }
}
