import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite("Predictor")
struct PredictorTests {
  @Test(
    "a row's bits do not depend on how rows are put together", arguments: [1, 255, 256, 257, 700])
  func chunking(rows: Int) throws {
    var random = SeededRandom(seed: rows)
    let network = chain([
      linear(25), .string("tanh"), linear(9), .string("sigmoid"), linear(3),
    ])
    let model = try Model(graph: graph(network, features: ["x": 5]), seed: 1)
    let inputs = Tensor(shape: [rows, 5], elements: random.floats(rows * 5))
    let predictor = Predictor(model)
    let together = predictor.predict([inputs])[0]
    #expect(together.shape == [rows, 3])
    for row in Set([0, 1, 2, 7, 100, 255, 256, 512, rows - 1]).filter({ $0 < rows }) {
      let alone = predictor.predict([
        Tensor(shape: [1, 5], elements: Array(inputs.row(row)))
      ])[0]
      #expect(sameBits(alone.elements, Array(together.row(row))), "row \(row)")
    }
  }

  @Test("predicts nothing from nothing")
  func noRows() throws {
    let model = try Model(graph: graph(chain([linear(3, from: 2)])), seed: 1)
    let outputs = Predictor(model).predict([Tensor(shape: [0, 2], elements: [])])
    #expect(outputs == [Tensor(shape: [0, 3], elements: [])])
  }

  @Test("gives each row's loss, added up over the outputs")
  func rowLosses() throws {
    let network = network(
      operators: [
        (
          "1",
          linear(
            1, weight: Tensor(shape: [1, 1], elements: [2]), bias: Tensor(shape: [1], elements: [0])
          )
        ),
        (
          "2",
          linear(
            2, weight: Tensor(shape: [2, 1], elements: [1, -1]),
            bias: Tensor(shape: [2], elements: [0, 0]))
        ),
      ],
      connectivity: [("1", []), ("2", [])])
    let prediction = try Predictor(Model(graph: graph(network), seed: 1)).predict(
      Samples(
        inputs: [Tensor(shape: [2, 1], elements: [1, 3])],
        targets: [
          Tensor(shape: [2, 1], elements: [0, 6]), Tensor(shape: [2, 2], elements: [1, 1, 0, 0]),
        ]),
      losses: [WeightedLoss(try meanSquaredError()), WeightedLoss(try meanSquaredError())])
    #expect(prediction.outputs.map(\.elements) == [[2, 6], [1, -1, 3, -3]])
    // Row 1: (2 - 0)^2 + ((1 - 1)^2 + (-1 - 1)^2) / 2. Row 2: 0 + (9 + 9) / 2.
    #expect(prediction.rowLosses == [6, 9])
    #expect(prediction.meanLoss == 7.5)
  }
}
