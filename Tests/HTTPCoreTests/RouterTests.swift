import HTTPCore
import Testing

@Suite("Router")
struct RouterTests {
  private var router: Router {
    var router = Router()
    router.add(method: "GET", "/", .immediateText("root"))
    router.add(method: "GET", "/jobs", .immediateText(""))
    router.add(method: "POST", "/jobs", .immediateText(""))
    router.add(method: "GET", "/jobs/{id}", .immediateText(""))
    router.add(method: "DELETE", "/jobs/{id}", .immediateText(""))
    router.add(method: "GET", "/jobs/latest", .immediateText(""))
    router.add(method: "GET", "/jobs/{id}/events", .immediateText(""))
    router.add(method: "GET", "/jobs/{id}/files/{name}", .immediateText(""))
    return router
  }

  private func find(_ method: String, _ target: String) throws -> String {
    let request = try HTTPRequest(method: method, target: target)
    let parsed = try RequestTarget(bytes: ArraySlice(target.utf8), method: request.method)
    return switch router.match(method: method, target: parsed) {
    case .matched(let route, let parameters):
      "\(route.method) \(route.template) \(parameters["id"]) \(parameters["name"])"
    case .options(let allow): "options \(allow)"
    case .methodNotAllowed(let allow): "405 \(allow)"
    case .notFound: "404"
    }
  }

  @Test(
    "finds a route by method and path",
    arguments: [
      ("GET", "/", "GET /  "),
      ("GET", "/jobs?state=done", "GET /jobs  "),
      ("HEAD", "/jobs", "GET /jobs  "),
      ("GET", "/jobs/7", "GET /jobs/{id} 7 "),
      ("GET", "/jobs/latest", "GET /jobs/latest  "),
      ("GET", "/jobs/latest/events", "GET /jobs/{id}/events latest "),
      ("GET", "/jobs/7/files/a%2Fb", "GET /jobs/{id}/files/{name} 7 a/b"),
      ("GET", "/jobs/", "404"),
      ("GET", "/jobs//events", "404"),
      ("GET", "/jobs/7/other", "404"),
      ("GET", "/Jobs", "404"),
      ("PUT", "/jobs/7", #"405 ["GET", "HEAD", "DELETE", "OPTIONS"]"#),
      ("DELETE", "/jobs/latest", #"405 ["GET", "HEAD", "OPTIONS"]"#),
      ("TRACE", "/jobs", #"405 ["GET", "HEAD", "POST", "OPTIONS"]"#),
      ("TRACE", "/other", "404"),
      ("QUERY", "/jobs", #"405 ["GET", "HEAD", "POST", "OPTIONS"]"#),
      ("OPTIONS", "*", #"options ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]"#),
      ("OPTIONS", "/jobs", #"options ["GET", "HEAD", "POST", "OPTIONS"]"#),
    ])
  func finds(method: String, target: String, expected: String) throws {
    #expect(try find(method, target) == expected)
  }

  @Test("lists its routes in the order added")
  func lists() {
    #expect(router.routes.map(\.method).prefix(3) == ["GET", "GET", "POST"])
    #expect(router.routes.map(\.template).last == "/jobs/{id}/files/{name}")
  }

  @Test("gives an empty text for a parameter that the template has not")
  func unknownParameter() {
    #expect(PathParameters(["id": "7"])["name"] == "")
  }
}
