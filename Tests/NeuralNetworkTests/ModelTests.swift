import NeuralNetwork
import TestSupport
import Testing

@Suite("Model")
struct ModelTests {
  static let network = chain([linear(5, from: 3), .string("relu"), linear(2)])

  @Test("is little-endian floats, parameter after parameter")
  func bytesByHand() throws {
    let graph = try graph(
      chain([
        linear(
          1, weight: Tensor(shape: [1, 2], elements: [1, -2]),
          bias: Tensor(shape: [1], elements: [0.15625]))
      ]))
    // 1 = 3F800000    -2 = C0000000    0.15625 = 3E200000
    #expect(
      Model(graph: graph, seed: 0).bytes
        == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0x20, 0x3E])
  }

  @Test("is read back bit by bit, and only from as many bytes as it has")
  func bytesRoundTrip() throws {
    let graph = try graph(Self.network)
    var random = SeededRandom(seed: 1)
    let model = Model(
      graph: graph,
      parameters: graph.parameters.map { _, declaration in
        Tensor(shape: declaration.shape, elements: random.awkwardFloats(declaration.count))
      })
    let bytes = model.bytes
    #expect(bytes.count == 4 * graph.parameterCount)
    #expect(Model(graph: graph, bytes: bytes)?.bytes == bytes)
    #expect(Model(graph: graph, bytes: bytes.dropLast()) == nil)
    #expect(Model(graph: graph, bytes: bytes + [0]) == nil)
    #expect(Model(graph: graph, bytes: []) == nil)
  }

  @Test("begins with values that are a function of the seed")
  func seedDecides() throws {
    let graph = try graph(Self.network)
    #expect(Model(graph: graph, seed: 7).bytes == Model(graph: graph, seed: 7).bytes)
    #expect(Model(graph: graph, seed: 7).bytes != Model(graph: graph, seed: 8).bytes)
    let parameters = Model(graph: graph, seed: 7).parameters
    #expect(Set(parameters.flatMap(\.elements)).count == graph.parameterCount)
  }

  @Test("an operator of greater id leaves the others' first values")
  func laterOperatorChangesNothing() throws {
    let small = try Model(graph: graph(Self.network), seed: 7)
    let large = try Model(
      graph: graph(chain([linear(5, from: 3), .string("relu"), linear(2), linear(9)])), seed: 7)
    #expect(Array(large.parameters.prefix(4)) == small.parameters)
  }

  @Test("begins uniformly within 1 / sqrt(in_features)", arguments: [1, 4, 100])
  func initialBounds(inFeatures: Int) throws {
    let model = try Model(graph: graph(chain([linear(200, from: inFeatures)])), seed: 3)
    let bound = 1 / Float(inFeatures).squareRoot()
    for tensor in model.parameters {
      let (least, most) = try (
        #require(tensor.elements.min()), #require(tensor.elements.max())
      )
      #expect(least >= -bound && least < -0.9 * bound)
      #expect(most < bound && most > 0.9 * bound)
      // The mean of n uniform numbers has a standard deviation of bound / sqrt(3 n).
      let count = Float(tensor.elements.count)
      let mean = tensor.elements.reduce(0, +) / count
      #expect(mean.magnitude < 4 * bound / (3 * count).squareRoot())
    }
  }

  @Test("memory for predictions is less than for training, and grows with the rows")
  func memory() throws {
    let graph = try graph(Self.network)
    // Rows are padded to 16. Inputs, targets, row weights and two outputs (relu's lies in linear's
    // place) of 10 rows; a random state, 10 losses in double, and the batch's; parameters of 5 + 1
    // and 2 + 1 rows; the transposed weights of 3 and 5; a thread's 256 rows of two vectors.
    let floats = 16 * (5 * 10 + 1 + 2 + 1 + 9 + 8 + 256 * 2)
    #expect(GraphExecutor.bytes(graph: graph, rows: 10, rule: nil) == 4 * floats)
    // Settings, a norm, gradients of the outputs and of the parameters, and two copies of these.
    let training = 16 * (2 + 2 * 10 + 3 * 9)
    #expect(
      GraphExecutor.bytes(graph: graph, rows: 10, rule: StepRule(try optimizer(.string("sgd"))))
        == 4 * (floats + training))
    // Adam keeps two numbers for each.
    #expect(
      GraphExecutor.bytes(graph: graph, rows: 10, rule: StepRule(try optimizer(.string("adam"))))
        == 4 * (floats + training + 16 * 2 * 9))
  }
}
