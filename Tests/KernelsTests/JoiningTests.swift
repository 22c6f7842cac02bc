import KernelInstructions
import Kernels
import TestSupport
import Testing

/// What a program does together must give the bits of its instructions one after another.
@Suite("Joining")
struct JoiningTests {
  /// Matrices of one shape that instructions are drawn for.
  private struct Draft {
    var script = Script()
    var numbers: Numbers
    let size: Int
    var pool: [Matrix] = []
    let rate: Matrix

    init(seed: Int) {
      numbers = Numbers(seed: seed, isAwkward: false)
      size = numbers.int(1...20)
      rate = script.matrix(1, 4, [0.1, 0, 0, 0])
      for _ in 0..<5 { pool.append(script.draw(size, size, &numbers)) }
    }

    mutating func pick() -> Matrix { pool[numbers.int(0...(pool.count - 1))] }

    /// A product of the pool's matrices into another.
    mutating func product(into result: Matrix, from start: Product.Start) -> Product {
      let others = pool.filter { $0 != result }
      let (left, right) = (
        others[numbers.int(0...(others.count - 1))], others[numbers.int(0...(others.count - 1))]
      )
      return Product(
        left: left, isLeftTransposed: numbers.int(0...1) == 1, right: right, result: result,
        start: start)
    }

    mutating func appendAnything() {
      let (first, second) = (pick(), pick())
      switch numbers.int(0...7) {
      case 0...2:
        script.append(
          .product(product(into: first, from: numbers.int(0...1) == 0 ? .zero : .existing)))
      case 3: script.append(.activate(.relu, first, into: first))
      case 4...5:
        script.append(
          .differentiate(
            Derivative(
              .relu, source: second, outputGradient: first, inputGradient: first, .replace)))
      case 6: script.append(.scale(first, by: -1, into: second, .replace))
      default: script.append(.combine(.subtract, first, second, into: first, .replace))
      }
    }

    /// A step on a matrix by a gradient that nobody else wants, perhaps with its transposed one.
    mutating func appendStep() {
      let elements = numbers(size * size)
      let gradient = script.matrix(size, size, elements)
      script.forget(gradient)
      let isOwn = numbers.int(0...1) == 1
      let value = isOwn ? script.matrix(size, size, elements) : pick()
      let transposed = (0..<(size * size)).map { elements[$0 % size * size + $0 / size] }
      let other = script.matrix(size, size, transposed)
      script.append(.product(product(into: gradient, from: .zero)))
      for _ in 0..<numbers.int(0...2) { appendAnything() }
      if numbers.int(0...5) == 0 { script.append(.fill(rate, with: 0.2)) }
      script.append(.update(.descend(value, gradient: gradient, settings: rate)))
      for _ in 0..<numbers.int(0...1) { appendAnything() }
      if numbers.int(0...5) == 0 { script.append(.fill(rate, with: 0.3)) }
      if isOwn { script.append(.transpose(value, into: other)) }
    }
  }

  @Test("changes no bit of random programs", arguments: 1...400)
  func randomPrograms(seed: Int) {
    var draft = Draft(seed: seed)
    for _ in 0..<draft.numbers.int(1...6) {
      if draft.numbers.int(0...2) == 0 { draft.appendStep() } else { draft.appendAnything() }
    }
    draft.script.expectReference(Script.Run.alone)
  }

  @Test("happens in many of the random programs, and nowhere in some")
  func randomProgramsJoin() {
    var joined: [Bool: Int] = [:]
    for seed in 1...400 {
      var draft = Draft(seed: seed)
      for _ in 0..<draft.numbers.int(1...6) {
        if draft.numbers.int(0...2) == 0 { draft.appendStep() } else { draft.appendAnything() }
      }
      joined[draft.script.program.count < draft.script.instructions.count, default: 0] += 1
    }
    #expect(joined.values.allSatisfy { $0 >= 50 }, "\(joined)")
  }

  /// A step of training of a linear operator behind another one and relu, as an engine writes it.
  private func trainingStep(rows: Int) -> Script {
    var numbers = Numbers(seed: rows, isAwkward: false)
    var script = Script()
    let (inputs, hidden, outputs) = (7, 19, 5)
    let input = script.draw(rows, inputs, &numbers)
    let weight = script.draw(outputs, hidden, &numbers)
    let bias = script.draw(1, outputs, &numbers)
    let first = numbers(hidden * inputs)
    let firstWeight = script.matrix(hidden, inputs, first)
    let firstTransposed = script.matrix(
      inputs, hidden, (0..<first.count).map { first[$0 % hidden * inputs + $0 / hidden] })
    let activation = script.draw(rows, hidden, &numbers)
    let activationGradient = script.draw(rows, hidden, &numbers)
    let gradient = script.draw(rows, outputs, &numbers)
    let weightGradient = script.draw(outputs, hidden, &numbers)
    let biasGradient = script.draw(1, outputs, &numbers)
    let firstGradient = script.draw(hidden, inputs, &numbers)
    let rate = script.matrix(1, 4, [0.05, 0, 0, 0])
    for matrix in [weightGradient, biasGradient, firstGradient] { script.forget(matrix) }

    script.append(.product(Product(left: input, right: firstTransposed, result: activation)))
    script.append(.activate(.relu, activation, into: activation))
    script.append(.product(Product(left: gradient, right: weight, result: activationGradient)))
    script.append(
      .product(
        Product(left: gradient, isLeftTransposed: true, right: activation, result: weightGradient)))
    script.append(.columnSums(gradient, into: biasGradient, .store(.replace)))
    script.append(
      .differentiate(
        Derivative(
          .relu, source: activation, outputGradient: activationGradient,
          inputGradient: activationGradient, .replace)))
    script.append(
      .product(
        Product(
          left: activationGradient, isLeftTransposed: true, right: input, result: firstGradient)))
    script.append(.update(.descend(firstWeight, gradient: firstGradient, settings: rate)))
    script.append(.update(.descend(weight, gradient: weightGradient, settings: rate)))
    script.append(.update(.descend(bias, gradient: biasGradient, settings: rate)))
    script.append(.transpose(firstWeight, into: firstTransposed))
    return script
  }

  @Test("leaves of a training step its products and sums, of few rows one more product")
  func trainingStepIsJoined() {
    for rows in [1, 12, 13, 100] {
      let script = trainingStep(rows: rows)
      #expect(script.instructions.count == 11)
      // Five products, of which one transposed, or a transposition; the sums.
      #expect(script.program.count == 6)
    }
  }

  @Test(
    "changes no bit of a training step, on any set and number of threads",
    arguments: [1, 12, 13, 256, 257])
  func trainingStepKeepsBits(rows: Int) {
    var script = trainingStep(rows: rows)
    script.appendWork()
    script.expectReference(Script.Run.all)
    for run in Script.Run.all {
      let (joined, apart) = (script.computed(run), script.computed(run, separately: true))
      for index in joined.indices where !script.isForgotten(index) {
        #expect(sameBits(joined[index], apart[index]), "\(run.testDescription), matrix \(index)")
      }
    }
  }
}
