package import KernelInstructions

/// Runs a share of each instruction, one after another.
///
/// - Parameters:
///   - code: What to compute; every matrix lies within the memory.
///   - memory: An arena's numbers, aligned to 64 bytes.
///   - workspace: Index of ``Product/innerAtOnce`` rows of two vectors that belong to the caller.
///   - share: Which of the callers this one is, from 0.
///   - shares: How many callers there are.
///   - waitForOthers: Waits until all callers have run an instruction; not called for a single one.
package func run(
  _ code: InstructionCode, in memory: UnsafeMutablePointer<Float>, workspace: Int, share: Int,
  of shares: Int, waitForOthers: () -> Void
) {
  let memory = unsafe Memory(memory)
  let share = Share(index: share, count: shares)
  for position in unsafe code.steps.indices {
    let step = unsafe code.steps[position]
    let index = Int(truncatingIfNeeded: step.index)
    switch step.form {
    case .product:
      unsafe code.products[index].run(memory, workspace: workspace, share)
    case .columnSums:
      if share.index == 0 { unsafe code.columnSums[index].run(memory) }
    case .loss:
      unsafe code.losses[index].run(memory, share)
    case .other:
      unsafe run(code.others[index], memory, share)
    }
    if shares > 1 { waitForOthers() }
  }
}

/// Runs what has no list of its own.
@inline(never)
private func run(_ instruction: Instruction, _ memory: Memory, _ share: Share) {
  let isFirst = share.index == 0
  switch instruction {
  case .product, .columnSums, .loss: break
  case .transpose(let matrix, let result):
    transpose(memory, matrix, into: result, share)
  case .fill(let matrix, let number):
    map(matrix, share) { memory[lanes: matrix.offset &+ $0] = Lanes(repeating: number) }
  case .activate(let activation, let input, let result):
    activation.apply(Activating(memory: memory, input: input, result: result, share: share))
  case .differentiate(let derivative):
    derivative.activation.apply(
      Differentiating(memory: memory, derivative: derivative, share: share))
  case .combine(let combination, let first, let second, let result, let destination):
    combine(memory, combination, first, second, into: result, destination, share)
  case .scale(let matrix, let factor, let result, let destination):
    scale(memory, matrix, by: factor, into: result, destination, share)
  case .copyColumns(let copy):
    if isFirst { copy.run(memory) }
  case .softmax(let input, let result):
    softmax(memory, input, into: result, share)
  case .softmaxGradient(let output, let outputGradient, let result, let destination):
    softmaxGradient(
      memory, output: output, outputGradient: outputGradient, into: result, destination, share)
  case .dropout(let dropout):
    dropout.run(memory, share)
  case .normalization(let normalization):
    if isFirst { normalization.run(memory) }
  case .update(let update):
    update.run(memory, share)
  }
}
