import Interchange
import NeuralNetwork
import Testing
import Training
import TrainingJobs

// Requests as clients write them, for tests.

/// Two features in, one out: the smallest network that can be trained.
let smallNetwork = """
  {"operators": {"1": {"type": "linear", "in_features": 2, "out_features": 1}},
   "connectivity": {"1": []}}
  """

/// Three samples for ``smallNetwork``.
let smallSamples = #"{"inputs": [[0, 0], [0, 1], [1, 0]], "targets": [[0], [1], [1]]}"#

/// A request of parts in JSON; a nil part is left out.
func requestText(
  network: String? = smallNetwork, dataset: String? = #"{"train": \#(smallSamples)}"#,
  training: String? = nil, others: String? = nil
) -> String {
  let members = [
    network.map { "\"network\": \($0)" }, dataset.map { "\"dataset\": \($0)" },
    training.map { "\"training\": \($0)" }, others,
  ]
  return "{\(members.compactMap { $0 }.joined(separator: ", "))}"
}

/// Reads a request as `POST /jobs` does.
func reading(
  _ text: String, _ completeness: RequestReading.Completeness = .job
) throws -> RequestReading {
  RequestReading(
    try JSONReader.read(Array(text.utf8), tensorsAt: TensorPlaces.ofTrainingRequest),
    completeness: completeness)
}

/// The request that a text without fault stands for.
func request(
  _ text: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> TrainingRequest {
  let reading = try reading(text)
  #expect(reading.issues == [], sourceLocation: sourceLocation)
  return try #require(reading.request, sourceLocation: sourceLocation)
}

/// Reads JSON, without tensors unless it is told where they stand.
func json(
  _ text: String, _ tensorsAt: @escaping @Sendable (JSONPath) -> Bool = { _ in false }
) throws -> JSONValue {
  try JSONReader.read(Array(text.utf8), tensorsAt: tensorsAt)
}

/// The text of a value.
func text(_ value: JSONValue?) -> String {
  value.map { String(decoding: JSONWriter.write($0), as: UTF8.self) } ?? "nil"
}

/// A fault as tests write it.
func issue(_ pointer: String, _ code: String, _ detail: String) -> ConfigurationIssue {
  ConfigurationIssue(pointer: pointer, code: code, detail: detail)
}

/// The paper's Figure 1: two inputs, of which the second joins after the first operator.
let figureOne = """
  {"operators": {
     "1": {"type": "linear", "in_features": 2, "out_features": 3}, "2": "relu",
     "3": {"type": "linear", "in_features": 1, "out_features": 3}, "4": "sum",
     "5": {"type": "linear", "out_features": 1}},
   "connectivity": {"1": [2], "2": [4], "3": [4], "4": [5], "5": []},
   "inputs": {"x1": [1], "x2": [3]}}
  """
