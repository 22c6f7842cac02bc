import NeuralNetwork
import Testing
import Training

@Suite("Problem generators")
struct GeneratorTests {
  @Test("line: 0.8 left and 0.2 right of the line with slope 4")
  func lineTargets() {
    let (inputs, targets) = ProblemGenerator.line.samples(rows: 500, seed: 1, split: .train)
    #expect(inputs.shape == [500, 2])
    #expect(targets.shape == [500, 1])
    for row in 0..<500 {
      let (x, y) = (inputs.elements[2 * row], inputs.elements[2 * row + 1])
      // A point of the line at height y has the abscissa y / 4.
      #expect(targets.elements[row] == (x < y / 4 ? 0.8 : 0.2))
    }
    #expect((200...300).contains(targets.elements.count { $0 == 0.8 }))
    #expect(inputs.elements.contains { $0 < -2 } && inputs.elements.contains { $0 > 2 })
  }

  @Test("disc: 0 inside the circle of radius 1 / sqrt(2 pi), 1 outside, half of the points each")
  func discTargets() {
    let (inputs, targets) = ProblemGenerator.disc.samples(rows: 500, seed: 1, split: .train)
    #expect(inputs.elements.allSatisfy { $0 >= 0 && $0 < 1 })
    for row in 0..<500 {
      let (x, y) = (Double(inputs.elements[2 * row]), Double(inputs.elements[2 * row + 1]))
      // 1 / sqrt(2 pi) = 0.3989
      let distance = (x * x + y * y).squareRoot()
      #expect(targets.elements[row] == (distance < 0.398_942_28 ? 0 : 1))
    }
    // A quarter of the circle has the area 1 / 8.
    #expect((38...88).contains(targets.elements.count { $0 == 0 }))
  }

  @Test("are a function of seed and split", arguments: ProblemGenerator.allCases)
  func reproducible(problem: ProblemGenerator) {
    func inputs(seed: UInt64, _ split: SplitName) -> Tensor {
      problem.samples(rows: 20, seed: seed, split: split).inputs
    }
    #expect(inputs(seed: 1, .train) == inputs(seed: 1, .train))
    let all = [
      inputs(seed: 1, .train), inputs(seed: 1, .validation), inputs(seed: 1, .test),
      inputs(seed: 2, .train),
    ]
    #expect(Set(all).count == 4)
  }

  @Test("more rows begin with the fewer", arguments: ProblemGenerator.allCases)
  func prefix(problem: ProblemGenerator) {
    let few = problem.samples(rows: 5, seed: 1, split: .test)
    let many = problem.samples(rows: 50, seed: 1, split: .test)
    #expect(Array(many.inputs.elements.prefix(10)) == few.inputs.elements)
    #expect(Array(many.targets.elements.prefix(5)) == few.targets.elements)
  }
}
