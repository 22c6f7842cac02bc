internal import HTTPCore
internal import Interchange
internal import Jobs
internal import NeuralNetwork
internal import Training
internal import TrainingJobs

private let predictingRoute = RouteOptions(access: .readers)

extension APIService {
  /// What a job's model says of samples: those of a split, or those of the request.
  func addPredictionRoutes(to router: inout Router) {
    router.add(method: "GET", "/jobs/{id}/predictions", handler(predictSplit))
    router.add(
      method: "POST", "/jobs/{id}/predictions", predictingRoute, handler(predictRequest))
  }

  @Sendable private func predictSplit(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery("split", "limit", "offset")
    let name = try request.queryChoice("split", of: SplitName.allCases.map(\.rawValue))
    let limit = try request.queryInteger("limit", in: 1...10_000, default: 1_000)
    let offset = try request.queryInteger("offset", in: 0...Int.max, default: 0)
    let jobs = try jobs(of: request)
    let trained = try await trained(parameters, in: jobs)
    let dataset = try await jobs.dataset(of: trained)
    let split = name.flatMap(SplitName.init(rawValue:)) ?? (dataset.test == nil ? .train : .test)
    guard let samples = dataset[split: split] else {
      throw TrainingFigure.Refusal.split(split, has: dataset.splits)
    }
    return try await offPool {
      // A page may be shorter than asked for, as has_more tells.
      let rowsMax = PredictionReading.outputNumbersMax / trained.model.graph.outputFeatures
      let page = samples.page(offset: offset, limit: min(limit, max(rowsMax, 1)))
      let evaluation = Evaluation(trained.model, on: page, trained.stored.options)
      let graph = trained.model.graph
      var members = [
        JSONValue.Member("object", .string("predictions")),
        JSONValue.Member("split", .string(split.rawValue)),
        JSONValue.Member("offset", .integer(offset)),
        JSONValue.Member("rows", .integer(page.rows)),
        JSONValue.Member("total", .integer(samples.rows)),
        JSONValue.Member("has_more", .bool(offset < samples.rows - page.rows)),
      ]
      members += evaluation.outputMembers(graph)
      members += [
        JSONValue.Member("targets", graph.byOutput(page.targets.map { .tensor($0) })),
        JSONValue.Member(
          "losses", .array(evaluation.prediction.rowLosses.map { .number($0) })),
      ]
      return .json(.object(members))
    }
  }

  @Sendable private func predictRequest(
    _ request: HTTPRequest, _ parameters: PathParameters
  ) async throws -> HTTPResponse {
    try request.checkQuery()
    let trained = try await trained(parameters, in: try jobs(of: request))
    let body = try await json(
      request, to: predictingRoute, tensorsAt: TensorPlaces.ofPredictionRequest)
    defer { withExtendedLifetime(body.claim) {} }
    return try await offPool {
      let reading = PredictionReading(
        body.document, graph: trained.model.graph,
        losses: trained.stored.options.losses(of: trained.model.graph))
      guard let samples = reading.samples else { throw Problem.invalid(reading.issues) }
      let graph = trained.model.graph
      var members = [JSONValue.Member("object", .string("predictions"))]
      if samples.targets.isEmpty {
        members += outputMembers(
          Predictor(trained.model).predict(samples.inputs), trained.stored.options.tasks, graph)
      } else {
        let evaluation = Evaluation(trained.model, on: samples, trained.stored.options)
        members += evaluation.outputMembers(graph)
        members.append(JSONValue.Member("metrics", evaluation.document(graph)))
      }
      return .json(.object(members))
    }
  }
}

/// The outputs and, for classes, their labels.
private func outputMembers(
  _ outputs: [Tensor], _ tasks: [PredictionTask], _ graph: Graph
) -> [JSONValue.Member] {
  let labels = zip(tasks, outputs).map { task, output -> JSONValue in
    task.labels(ofOutputs: output).map { .array($0.map { .integer($0) }) } ?? .null
  }
  return [
    JSONValue.Member("outputs", graph.byOutput(outputs.map { .tensor($0) })),
    JSONValue.Member("labels", graph.byOutput(labels)),
  ]
}

extension Evaluation {
  fileprivate func outputMembers(_ graph: Graph) -> [JSONValue.Member] {
    TrainingAPI.outputMembers(prediction.outputs, tasks, graph)
  }
}

extension Graph {
  /// The value of the one output, or an object of all by their ids.
  fileprivate func byOutput(_ values: [JSONValue]) -> JSONValue {
    if values.count == 1 { return values[0] }
    return .object(
      zip(outputs, values).map { JSONValue.Member(nodes[$0].id.description, $1) })
  }
}

extension Samples {
  /// Some of the rows, as far as there are any.
  fileprivate func page(offset: Int, limit: Int) -> Samples {
    let start = min(offset, rows)
    let end = min(start + limit, rows)
    func part(_ tensor: Tensor) -> Tensor {
      Tensor(
        shape: [end - start, tensor.columns],
        elements: Array(tensor.elements[(start * tensor.columns)..<(end * tensor.columns)]))
    }
    return Samples(
      inputs: inputs.map(part), targets: targets.map(part), weights: weights.map(part))
  }
}
