internal import HTTPCore
internal import NeuralNetwork

extension APIService {
  /// Whether the program lives, and whether it takes jobs.
  func addProbeRoutes(to router: inout Router) {
    let live = HTTPResponse.json(.object([JSONValue.Member("status", .string("live"))]))
    let ready = HTTPResponse.json(.object([JSONValue.Member("status", .string("ready"))]))
    router.add(
      method: "GET", "/livez", RouteOptions(access: .everyone), .immediate { _, _ in live })
    router.add(
      method: "GET", "/readyz", RouteOptions(access: .everyone),
      .immediate { [isDraining] request, _ in
        guard isDraining() else { return ready }
        return Problem(
          status: 503, code: "draining", detail: "The server is about to stop",
          retryAfterSeconds: 5
        ).response(instance: request.path)
      })
  }
}
