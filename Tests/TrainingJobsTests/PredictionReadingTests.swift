import Interchange
import NeuralNetwork
import Testing
import Training
import TrainingJobs

@Suite("Samples to predict")
struct PredictionReadingTests {
  private func reading(_ text: String, network: String = smallNetwork) throws -> PredictionReading {
    let (graph, issues) = try graph(network)
    #expect(issues == [])
    return PredictionReading(
      try JSONReader.read(Array(text.utf8), tensorsAt: TensorPlaces.ofPredictionRequest),
      graph: try #require(graph))
  }

  private func graph(_ network: String) throws -> (Graph?, [ConfigurationIssue]) {
    let reading = try TrainingJobsTests.reading(
      requestText(network: network, dataset: nil), .network)
    return (reading.graph, reading.issues)
  }

  @Test("inputs alone, and with targets")
  func accepted() throws {
    let alone = try reading(#"{"inputs": [[1, 2]]}"#)
    #expect(alone.samples?.inputs == [Tensor(shape: [1, 2], elements: [1, 2])])
    #expect(alone.samples?.targets == [])
    let both = try reading(#"{"inputs": [[1, 2]], "targets": {"1": [[3]]}}"#)
    #expect(both.samples?.targets == [Tensor(shape: [1, 1], elements: [3])])
    let named = try reading(
      #"{"inputs": {"x2": [[3]], "x1": [[1, 2]]}}"#, network: figureOne)
    #expect(named.samples?.inputs.map(\.elements) == [[1, 2], [3]])
  }

  @Test(
    "each fault with its place, code and sentence",
    arguments: [
      FaultCase(
        "no inputs", "{}",
        issue("#/inputs", "missing_member", "request needs inputs, an array of numbers")),
      FaultCase(
        "unknown member", #"{"inputs": [[1, 2]], "input": 1}"#,
        issue(
          "#/input", "unknown_member",
          "request has no member \"input\"; it takes inputs, targets")),
      FaultCase(
        "ragged", #"{"inputs": [[1, 2], [3]]}"#,
        issue(
          "#/inputs/1", "ragged_rows",
          "inputs of request: row 1 has 1 entry but row 0 has 2")),
      FaultCase(
        "wrong width", #"{"inputs": [[1, 2, 3]], "targets": [[1, 2]]}"#,
        issue(
          "#/inputs", "shape_mismatch",
          "input x of the network has 2 features but the table has 3"),
        issue(
          "#/targets", "shape_mismatch",
          "output 1 of the network has 1 feature but the table has 2")),
      FaultCase(
        "another number of rows", #"{"inputs": [[1, 2]], "targets": [[1], [2]]}"#,
        issue(
          "#", "row_mismatch",
          "all tables of a split need a row for each sample, but one has 1 rows and another 2")),
    ])
  func faults(of fault: FaultCase) throws {
    let reading = try reading(fault.text)
    #expect(reading.issues == fault.issues)
    #expect(reading.samples == nil)
  }
}
