package import NeuralNetwork

/// The smallest networks in which an operator stands between parameters and the loss.
package enum OperatorSetting {
  /// A network in which one operator of the type, with options by chance, is the last or the last
  /// but one.
  package static func network(_ type: String, _ random: inout SeededRandom) -> JSONValue {
    let options = RandomOptions.of(type, &random)
    let operation = JSONValue.object([.init("type", .string(type))] + options)
    let (features, inputs) = (random.int(1...20), random.int(1...20))
    switch type {
    case "linear": return chain([linear(features, from: inputs), linear(random.int(1...20))])
    case "standardize":
      // Written numbers tell how many features there are.
      let mean = Tensor(shape: [inputs], elements: random.floats(inputs))
      return chain([written(type, ["mean": .tensor(mean)]), linear(features)])
    case "sum", "multiply", "concat", "subtract":
      let others = type == "concat" ? random.int(1...20) : features
      return TestSupport.network(
        operators: [
          ("1", linear(features, from: inputs)), ("2", linear(others, from: inputs)),
          ("3", operation),
        ],
        connectivity: [("1", [3]), ("2", type == "subtract" ? [3] : [3, 3]), ("3", [])])
    // A row of one number is normally 0, and a column that depends on one number does not depend
    // on its factor.
    case "layer_norm", "batch_norm":
      return chain([linear(features + 2, from: inputs + 2), operation])
    default: return chain([linear(features, from: inputs), operation])
    }
  }
}
