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
      graph: try #require(graph), losses: [])
  }

  private func graph(_ network: String) throws -> (Graph?, [ConfigurationIssue]) {
    let reading = try TrainingJobsTests.reading(
      requestText(network: network, dataset: nil), .network)
    return (reading.graph, reading.issues)
  }

  @Test("allows a million numbers in the answer and not one more", arguments: [1_000, 1_001])
  func answerLimit(rows: Int) throws {
    let network = """
      {"operators": {"1": {"type": "linear", "in_features": 1, "out_features": 1000}},
       "connectivity": {"1": []}}
      """
    let inputs = Array(repeating: "[1]", count: rows).joined(separator: ", ")
    let reading = try reading(#"{"inputs": [\#(inputs)]}"#, network: network)
    #expect((reading.samples == nil) == (rows > 1_000))
    #expect(
      reading.issues
        == (rows > 1_000
          ? [
            issue(
              "#/inputs", "over_limit",
              "the answer would have 1001000 numbers, but at most 1000000 are allowed; "
                + "send fewer rows at once")
          ] : []))
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
          "input x of the network has 2 features but the table inputs of request has 3"),
        issue(
          "#/targets", "shape_mismatch",
          "output 1 of the network has 1 feature but the table targets of request has 2")),
      FaultCase(
        "another number of rows", #"{"inputs": [[1, 2]], "targets": [[1], [2]]}"#,
        issue(
          "#/targets", "row_mismatch",
          "the table targets of request has 2 rows but the table inputs of request has 1; "
            + "each needs a row for each sample")),
    ])
  func faults(of fault: FaultCase) throws {
    let reading = try reading(fault.text)
    #expect(reading.issues == fault.issues)
    #expect(reading.samples == nil)
  }
}
