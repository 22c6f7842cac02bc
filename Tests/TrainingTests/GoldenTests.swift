import NeuralNetwork
import TestSupport
import Testing
import Training

/// What a training ends with, written down once: the same bits on every machine and in every build.
///
/// A change of these numbers is a change of what clients were promised to get again.
@Suite("Golden results")
struct GoldenTests {
  @Test("every operator and the generators end with the bits written down")
  func everyOperator() throws {
    let network = network(
      operators: [
        ("1", linear(9)), ("2", .string("tanh")), ("3", .string("sigmoid")),
        ("4", .string("relu")), ("5", .string("sum")), ("6", linear(1)),
      ],
      connectivity: [("1", [2, 3, 4]), ("2", [5]), ("3", [5]), ("4", [5]), ("5", [6]), ("6", [])])
    var checksums: [UInt64] = []
    for problem in ProblemGenerator.allCases {
      var trainer = trainer(
        Model(graph: try graph(network, features: ["x": 2]), seed: 1),
        train: samples(problem, rows: 101, seed: 1, .train),
        try hyperparameters(epochs: 20, batchSize: 10))
      _ = trainer.runAll()
      checksums.append(checksum(trainer.model.bytes))
    }
    #expect(checksums == [0xBC29_6776_1D10_80EF, 0xCBD2_A37A_FCAD_F20F])
  }

  /// The checksum of Fowler, Noll and Vo, FNV-1a.
  private func checksum(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
