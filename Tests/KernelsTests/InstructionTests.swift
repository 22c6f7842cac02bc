import KernelInstructions
import Kernels
import TestSupport
import Testing

/// Every instruction but products, against the scalar reference, bit by bit.
@Suite("Instructions")
struct InstructionTests {
  private func script(
    _ instruction: InstructionCase, _ sizes: Sizes, isAwkward: Bool
  ) -> Script {
    var numbers = Numbers(seed: sizes.rows * 100 + sizes.columns, isAwkward: isAwkward)
    var script = Script()
    instruction.write(&script, sizes, &numbers)
    return script
  }

  @Test(
    "gives the reference's bits on every set, for sizes from 1 to 70",
    arguments: InstructionCase.all)
  func equalsReference(instruction: InstructionCase) {
    for sizes in Sizes.upTo70 {
      for isAwkward in [false, true] {
        script(instruction, sizes, isAwkward: isAwkward)
          .expectReference(Script.Run.alone, sizes.testDescription)
      }
    }
  }

  @Test("gives the same bits on teams of two and three threads", arguments: InstructionCase.all)
  func equalsReferenceOnTeams(instruction: InstructionCase) {
    for sizes in [
      Sizes(rows: 70, inner: 9, columns: 70), Sizes(rows: 1, inner: 3, columns: 33),
      Sizes(rows: 37, inner: 5, columns: 3),
    ] {
      var script = script(instruction, sizes, isAwkward: false)
      script.appendWork()
      script.expectReference(Script.Run.all, sizes.testDescription)
    }
  }
}
