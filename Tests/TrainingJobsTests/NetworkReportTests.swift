import NeuralNetwork
import Testing
import TrainingJobs

@Suite("The report on a network")
struct NetworkReportTests {
  private func report(_ text: String) throws -> JSONValue {
    NetworkReport(try reading(text, .network)).document
  }

  @Test("shapes, sizes and order of a network without fault")
  func valid() throws {
    let report = try report(requestText(network: figureOne, dataset: nil))
    #expect(report["valid"] == .bool(true))
    #expect(report["errors"] == .array([]))
    #expect(text(report["order"]) == #"["1","2","3","4","5"]"#)
    #expect(
      text(report["operators"])
        == #"{"1":{"inputs":[2],"output":3,"parameters":9},"#
        + #""2":{"inputs":[3],"output":3,"parameters":0},"#
        + #""3":{"inputs":[1],"output":3,"parameters":6},"#
        + #""4":{"inputs":[3,3],"output":3,"parameters":0},"#
        + #""5":{"inputs":[3],"output":1,"parameters":4}}"#)
    #expect(text(report["totals"]) == #"{"operators":5,"parameters":19}"#)
    // 6 + 3 + 3 weights, each multiplied and added in three products: 12 * 6 = 72; 19 * 4 = 76.
    #expect(report["estimate"]?["flops_per_sample"] == .integer(72))
    #expect(report["estimate"]?["bytes_parameters"] == .integer(76))
    #expect(report["estimate"]?["seconds"] == .null)
  }

  @Test("the time is estimated from samples and epochs, the memory from the batch")
  func estimate() throws {
    let small = try report(requestText(training: #"{"batch_size": 1}"#))
    let large = try report(requestText(training: #"{"batch_size": 3}"#))
    // 3 samples of 12 operations at 1e11 a second and one step of one operator at 8e-8 s: 8.036e-8 s
    // an epoch, of which there are 100.
    guard case .number(let seconds)? = large["estimate"]?["seconds"],
      case .integer(let most)? = large["estimate"]?["bytes_peak"],
      case .integer(let least)? = small["estimate"]?["bytes_peak"]
    else {
      Issue.record("the estimate is \(text(large["estimate"]))")
      return
    }
    #expect(abs(seconds - 8.036e-6) < 1e-9)
    #expect(least < most)
  }

  @Test("with a fault every part but the errors is null")
  func invalid() throws {
    let network = requestText(
      network: #"{"operators": {"1": "rleu"}, "connectivity": {"1": []}}"#, dataset: nil)
    let report = try report(network)
    #expect(report["valid"] == .bool(false))
    #expect(
      try reading(network, .network).issues == [
        issue(
          "#/network/operators/1", "unknown_choice",
          "type of operator 1 (rleu) must be one of "
            + OperatorCatalogue.kinds.map { "\"\($0.type)\"" }.joined(separator: ", ")
            + ", but is \"rleu\"")
      ])
    guard case .array(let errors)? = report["errors"] else {
      Issue.record("there are no errors")
      return
    }
    #expect(errors.count == 1)
    #expect(errors.first?["pointer"] == .string("#/network/operators/1"))
    #expect(errors.first?["code"] == .string("unknown_choice"))
    #expect(errors.first?["detail"] != nil)
    for part in ["order", "operators", "totals", "estimate"] {
      #expect(report[part] == .null, "\(part)")
    }
  }

  @Test("faults of the rest leave the network's shapes told")
  func otherFaults() throws {
    let report = try report(requestText(training: #"{"epochs": 0}"#))
    #expect(report["valid"] == .bool(false))
    #expect(report["order"] != .null)
    #expect(report["estimate"]?["seconds"] == .null)
  }
}
