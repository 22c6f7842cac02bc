import Foundation
import HTTPCore
import Interchange
import Jobs
import NeuralNetwork
import TestSupport
import Testing
import Training
import TrainingAPI
import TrainingJobs

@Suite("The contract")
struct ContractTests {
  private let contract: Contract

  init() throws {
    contract = try Contract()
  }

  /// The routes that the service registers, as operations.
  static func routes() -> Set<Contract.Operation> {
    Set(registered().map { .init(method: $0.method, template: $0.template) })
  }

  private static func registered() -> [Route] {
    let live = LiveTrainings(workers: 1)
    let manager = JobManager(
      store: InMemoryJobStore(), blobs: InMemoryBlobStore(), runner: TrainingJobRunner(live: live),
      workers: 1)
    return APIService(manager: manager, live: live) { false }.router().routes
  }

  @Test("says of every operation whether it needs a key, and which")
  func operationsTellAccess() throws {
    let schemes: [String: Any]? = contract.find(["components", "securitySchemes", "bearer"])
    #expect(schemes?["scheme"] as? String == "bearer")
    for route in Self.registered() {
      let operation = Contract.Operation(method: route.method, template: route.template)
      let details = try #require(contract.operations[operation])
      let statuses = Set((details["responses"] as? [String: Any] ?? [:]).keys)
      let isOpen = route.options.access == .everyone
      #expect((details["security"] as? [Any])?.isEmpty == (isOpen ? true : nil), "\(operation)")
      for status in ["401", "403", "429"] {
        #expect(statuses.contains(status) == !isOpen, "\(operation) \(status)")
      }
    }
  }

  @Test("lists exactly the routes that the service has")
  func routesAgree() {
    #expect(Set(contract.operations.keys) == Self.routes())
  }

  @Test("says of every operation what it is, what it answers, and how it refuses")
  func operationsAreDescribed() throws {
    var ids: Set<String> = []
    for (operation, details) in contract.operations {
      let id = try #require(details["operationId"] as? String, "\(operation)")
      #expect(ids.insert(id).inserted, "\(id) is given twice")
      #expect(details["summary"] is String && details["description"] is String, "\(id)")
      #expect((details["tags"] as? [String])?.count == 1, "\(id)")
      let statuses = Set((details["responses"] as? [String: Any] ?? [:]).keys)
      #expect(statuses.contains { $0.hasPrefix("2") }, "\(id)")
      let common: Set = ["400", "405", "408", "413", "414", "417", "431", "501", "503", "505"]
      #expect(common.subtracting(statuses) == [], "\(id)")
      #expect(!operation.template.contains("{id}") || statuses.contains("404"), "\(id)")
    }
  }

  @Test("refuses with problem details everywhere, with the headers that a status calls for")
  func refusalsAreProblems() throws {
    let responses: [String: [String: Any]] = try #require(
      contract.find(["components", "responses"]))
    for (name, response) in responses {
      #expect(
        (response["content"] as? [String: Any])?.keys.sorted() == ["application/problem+json"],
        "\(name)")
    }
    let allow: [String: Any]? = contract.find(
      ["components", "responses", "MethodNotAllowed", "headers", "Allow"])
    #expect(allow != nil)
    let retryAfter: [String: Any]? = contract.find(
      ["components", "responses", "ServiceUnavailable", "headers", "Retry-After"])
    #expect(retryAfter != nil)
    let tooMany: [String: Any]? = contract.find(
      ["components", "responses", "TooManyRequests", "headers", "Retry-After"])
    #expect(tooMany != nil)
    let authenticate: [String: Any]? = contract.find(
      ["components", "responses", "Unauthorized", "headers", "WWW-Authenticate"])
    #expect(authenticate != nil)
  }

  @Test("says which answers have a tag, and that they come in parts, or not again")
  func taggedAnswers() {
    var tagged: Set<String> = []
    for (operation, details) in contract.operations {
      let responses = details["responses"] as? [String: [String: Any]] ?? [:]
      let headers = responses["200"]?["headers"] as? [String: Any] ?? [:]
      let hasTag = headers["ETag"] != nil
      if hasTag { tagged.insert(operation.template) }
      for status in ["206", "304", "416"] {
        #expect((responses[status] != nil) == hasTag, "\(status) of \(operation.template)")
      }
    }
    #expect(
      tagged == ["/jobs/{id}/model", "/jobs/{id}/figure.svg", "/openapi.yaml", "/openapi.json"])
  }

  @Test("refers only to what it has")
  func referencesLead() {
    #expect(contract.references.count > 100)
    for reference in Set(contract.references) {
      let found: [String: Any]? = contract.find(
        reference.dropFirst(2).split(separator: "/").map(String.init))
      #expect(reference.hasPrefix("#/") && found != nil, "\(reference)")
    }
  }

  @Test("has the limits that the readers have")
  func limitsAgree() {
    func maximum(_ way: String...) -> Int? { contract.find(["components", "schemas"] + way) }
    #expect(
      maximum("Linear", "properties", "in_features", "maximum") == Linear.featuresMax)
    #expect(
      maximum("Network", "properties", "operators", "maxProperties") == Network.operatorsMax)
    #expect(maximum("Consumers", "maxItems") == Network.connectionsMax)
    let text = (contract.schema("Network")["description"] as? String ?? "")
      .replacingOccurrences(of: ",", with: "")
    #expect(text.contains("\(GraphCheck.parametersMax) parameters"))
    let description: String = contract.find(["info", "description"]) ?? ""
    #expect(description.contains("\(HTTPLimits().bodyBytesMax >> 20) MiB"))
    #expect(description.contains("\(HTTPLimits().bulkBodyBytesMax >> 20) MiB"))
    let queued = JobManager.Settings().queuedJobsMax
    #expect(description.replacing(",", with: "").contains("\(queued) jobs are queued"))
  }

  @Test("gives examples of jobs that are accepted")
  func examplesAreAccepted() throws {
    let examples: [String: [String: Any]] = try #require(
      contract.find([
        "paths", "/jobs", "post", "requestBody", "content", "application/json", "examples",
      ]))
    #expect(examples.count > 1)
    for (name, example) in examples {
      let bytes = try JSONSerialization.data(withJSONObject: try #require(example["value"]))
      let value = try JSONReader.read(
        Array(bytes), tensorsAt: TensorPlaces.ofTrainingRequest)
      let issues = RequestReading(value, completeness: .job).issues
      #expect(issues == [], "\(name)")
    }
  }
}
