internal import KernelInstructions
package import Kernels

/// A model laid out in memory for batches of fixed sizes: forward, backward, update.
///
/// Everything is laid out and written down by the initialiser, the smaller last batch included;
/// what follows allocates nothing and reads no clock.
package struct GraphExecutor: ~Copyable {
  /// What an executor is laid out for.
  package struct Purpose: Sendable {
    /// One for each of ``Graph/outputs``; empty to compute none.
    package let losses: [WeightedLoss]
    /// Nil for prediction only.
    package let rule: StepRule?
    /// Decides what is dropped in training.
    package let seed: UInt64
    /// Whether rows count differently.
    package let isWeighted: Bool

    /// Predictions, perhaps with each row's loss.
    package static func prediction(losses: [WeightedLoss] = []) -> Purpose {
      Purpose(losses: losses, rule: nil, seed: 0, isWeighted: false)
    }

    /// Steps of training.
    package static func training(
      losses: [WeightedLoss], rule: StepRule, seed: UInt64, isWeighted: Bool = false
    ) -> Purpose {
      Purpose(losses: losses, rule: rule, seed: seed, isWeighted: isWeighted)
    }
  }

  /// The model's graph.
  package let graph: Graph

  private var arena: Arena
  private let plans: [Plan]
  private let preparation: FinishedProgram
  private let keeping: [ParameterCopy: FinishedProgram]
  private let copies: [ParameterCopy: [Matrix]]
  /// All that a step reads and the next does not compute anew; see ``state``.
  private let stateMatrices: [Matrix]
  private let parameterSites: [ParameterSite]
  private let parameterShapes: [[Int]]
  private let optimizer: (any Optimizer)?
  private let settings: Matrix
  private let randomState: Matrix
  private let lossWeights: [Double]

  /// Lays a model out.
  ///
  /// - Parameters:
  ///   - model: The graph and the values that its parameters begin with.
  ///   - batchSizes: The numbers of rows that will be asked for, at least 1 each; there are seldom
  ///     more than two.
  ///   - purpose: What it is laid out for.
  ///   - team: The threads that share what is large enough.
  ///   - set: The kernels that compute; the best there are, but in tests.
  package init(
    _ model: Model, batchSizes: [Int], purpose: Purpose, team: Team = .alone,
    set: KernelSet = .best
  ) {
    graph = model.graph
    let planner = Planner(
      graph: graph, rule: purpose.rule, rowsMax: batchSizes.max() ?? 1)
    plans = batchSizes.map { rows in
      Plan(
        model.graph, planner, rows: rows, losses: purpose.losses, isWeighted: purpose.isWeighted)
    }
    preparation = Plan.preparation(graph, planner.place(rows: 1, isWeighted: false))
    let values = planner.parameterSites.map(\.value)
    keeping = planner.copies.mapValues {
      FinishedProgram(Program(copying: values, into: $0))
    }
    copies = planner.copies
    stateMatrices =
      values + planner.parameterSites.flatMap(\.state)
      + ParameterCopy.allCases.flatMap { planner.copies[$0] ?? [] }
    parameterSites = planner.parameterSites
    parameterShapes = model.parameters.map(\.shape)
    optimizer = planner.stepRule?.rule.optimizer
    settings = planner.stepRule?.settings ?? planner.randomState
    randomState = planner.randomState
    lossWeights = purpose.losses.map(\.weight)
    arena = Arena(planner.layout, team: team, set: set)
    arena.set(randomState, at: 0, toBits: UInt32(truncatingIfNeeded: purpose.seed))
    arena.set(randomState, at: 1, toBits: UInt32(truncatingIfNeeded: purpose.seed >> 32))
    load(model.parameters)
  }

  /// The bytes of the state of an executor that trains this graph.
  package static func stateBytes(graph: Graph, rule: StepRule) -> Int {
    let (count, trained) = graph.parameters.reduce(into: (0, 0)) { sums, parameter in
      sums.0 += parameter.declaration.count
      if parameter.declaration.isTrained { sums.1 += parameter.declaration.count }
    }
    let copies = ParameterCopy.allCases.count
    return MemoryLayout<Float>.size
      * (count * (1 + copies) + trained * rule.optimizer.stateCount)
  }

  /// Bytes of memory that an executor for this graph takes with one thread.
  package static func bytes(graph: Graph, rows: Int, rule: StepRule?) -> Int {
    Arena.bytes(Planner(graph: graph, rule: rule, rowsMax: rows).layout)
  }

  /// Replaces the parameters' values.
  ///
  /// - Parameter parameters: In the order of ``Graph/parameters``.
  package mutating func load(_ parameters: [Tensor]) {
    for (site, tensor) in zip(parameterSites, parameters) {
      arena.fill(site.value, with: tensor.elements)
    }
    arena.run(preparation)
  }

  /// The parameters' present values, in the order of ``Graph/parameters``.
  package var parameters: [Tensor] {
    zip(parameterSites, parameterShapes).map { site, shape in
      Tensor(shape: shape, elements: arena.elements(of: site.value))
    }
  }

  /// The bytes that ``appendState(to:)`` appends.
  package var stateBytes: Int { stateMatrices.reduce(0) { $0 + Self.bytes(of: $1) } }

  private static func bytes(of matrix: Matrix) -> Int {
    MemoryLayout<Float>.size * matrix.rows * matrix.columns
  }

  /// Appends everything that a training changes and goes on from, as little-endian floats:
  /// parameters, what the optimizer keeps of each, and the values that were kept.
  package func appendState(to bytes: inout [UInt8]) {
    for matrix in stateMatrices { bytes.appendLittleEndian(arena.elements(of: matrix)) }
  }

  /// Goes on from the state of another executor of the same graph and purpose.
  ///
  /// - Parameters:
  ///   - state: What that one appended, ``stateBytes`` in number.
  ///   - steps: How many steps were taken before.
  package mutating func resume(from state: ArraySlice<UInt8>, steps: Int) {
    precondition(state.count == stateBytes, "The state is that of an executor of this graph")
    var rest = state
    for matrix in stateMatrices {
      let part = rest.prefix(Self.bytes(of: matrix))
      arena.fill(matrix, with: part.littleEndianFloats)
      rest = rest.dropFirst(part.count)
    }
    arena.run(preparation)
    setStep(steps)
  }

  /// What is dropped next is decided by how many steps there were.
  private mutating func setStep(_ step: Int) {
    arena.set(randomState, at: 2, toBits: UInt32(truncatingIfNeeded: step))
  }

  /// Keeps the parameters' present values.
  package mutating func keep(_ copy: ParameterCopy) {
    if let program = keeping[copy] { arena.run(program) }
  }

  /// The values that were kept last, in the order of ``Graph/parameters``.
  package func parameters(kept copy: ParameterCopy) -> [Tensor] {
    zip(copies[copy] ?? [], parameterShapes).map { matrix, shape in
      Tensor(shape: shape, elements: arena.elements(of: matrix))
    }
  }

  /// Whether all parameters are finite.
  package var isFinite: Bool {
    parameterSites.allSatisfy { arena.isFinite($0.value) }
  }

  /// Copies samples in as the next batch.
  ///
  /// - Parameters:
  ///   - rows: Indices of the samples, one of the batch sizes in number.
  ///   - inputs: For each of the graph's inputs, in order, all samples.
  ///   - targets: For each of the graph's outputs, in order; empty when only predicting.
  ///   - weights: For each of the graph's outputs how much each sample counts; empty if all alike.
  package mutating func gather(
    _ rows: ArraySlice<Int>, inputs: borrowing [Tensor], targets: borrowing [Tensor],
    weights: borrowing [Tensor] = []
  ) {
    let index = planIndex(rows: rows.count)
    for input in inputs.indices {
      arena.gather(
        rows, of: inputs[input].elements, into: plans[index].placement.inputs[input])
    }
    for target in targets.indices {
      arena.gather(
        rows, of: targets[target].elements, into: plans[index].placement.losses[target].targets)
    }
    for weight in weights.indices {
      arena.gather(
        rows, of: weights[weight].elements, into: plans[index].placement.weights[weight])
    }
  }

  /// Computes every operator's output for the batch, and the losses.
  ///
  /// - Parameters:
  ///   - rows: The number of rows that were gathered.
  ///   - mode: Whether numbers are dropped and the batch's own statistics are used.
  package mutating func forward(rows: Int, _ mode: ExecutionMode) {
    let index = planIndex(rows: rows)
    switch mode {
    case .training: arena.run(plans[index].trainingForward)
    case .prediction: arena.run(plans[index].predictionForward)
    }
  }

  /// The loss of the batch after ``forward(rows:_:)``: the weighted sum of the outputs' losses.
  package func loss(rows: Int) -> Double {
    var sum = 0.0
    for output in lossWeights.indices {
      sum += lossWeights[output] * batchLoss(rows: rows, output: output)
    }
    return sum
  }

  /// How much the batch's rows count together for each output, after ``forward(rows:_:)``.
  package func batchWeight(rows: Int, output: Int) -> Double {
    arena.double(plans[planIndex(rows: rows)].placement.losses[output].batch, at: 1)
  }

  /// The batch's loss of one output, after ``forward(rows:_:)``.
  package func batchLoss(rows: Int, output: Int) -> Double {
    arena.double(plans[planIndex(rows: rows)].placement.losses[output].batch, at: 0)
  }

  /// The loss of each row of the batch on its own, after ``forward(rows:_:)``.
  package func rowLosses(rows: Int, output: Int) -> [Double] {
    let losses = plans[planIndex(rows: rows)].placement.losses[output].rows
    return (0..<rows).map { arena.double(losses, at: $0) }
  }

  /// Computes the gradient of the loss with respect to every parameter and takes one step, after
  /// ``loss(rows:)``.
  ///
  /// - Parameters:
  ///   - rows: The number of rows that were gathered.
  ///   - rate: The learning rate.
  ///   - step: 1, 2, 3, ... over the whole training.
  package mutating func update(rows: Int, rate: Double, step: Int) {
    guard let numbers = optimizer?.settings(rate: rate, step: step) else { return }
    for index in 0..<4 {
      arena.set(settings, at: index, to: numbers[index])
    }
    arena.run(plans[planIndex(rows: rows)].backward)
    setStep(step)
  }

  /// The outputs after ``forward(rows:_:)``, in the order of ``Graph/outputs``.
  package func outputs(rows: Int) -> [Tensor] {
    let index = planIndex(rows: rows)
    return graph.outputs.map { output in
      let matrix = plans[index].placement.sites[output].output
      return Tensor(shape: [rows, matrix.columns], elements: arena.elements(of: matrix))
    }
  }

  /// The gradients after ``update(rows:rate:step:)``, in the order of ``Graph/parameters``.
  ///
  /// - Returns: Zeros for what is not trained. Where a step was taken while the gradient was in
  ///   registers, nothing stands there; only tests ask, by an optimizer that joins nothing.
  package var gradients: [Tensor] {
    zip(parameterSites, parameterShapes).map { site, shape in
      let count = shape.reduce(1, *)
      let elements = site.gradient.map { arena.elements(of: $0.matrix) }
      return Tensor(shape: shape, elements: elements ?? Array(repeating: 0, count: count))
    }
  }

  private func planIndex(rows: Int) -> Int {
    for index in plans.indices where plans[index].placement.rows == rows {
      return index
    }
    preconditionFailure("A batch has one of the sizes that the executor was laid out for")
  }
}
