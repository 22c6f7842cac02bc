internal import KernelInstructions

/// `result = function(input)`, number by number.
struct Activating: ActivationUse {
  let memory: Memory
  let input: Matrix
  let result: Matrix
  let share: Share

  @inline(never)
  func use(_ function: some ActivationFunction) {
    map(result, share) { index in
      memory[lanes: result.offset &+ index] = function.value(memory[lanes: input.offset &+ index])
    }
  }
}

/// `inputGradient = outputGradient * function'`, number by number.
struct Differentiating: ActivationUse {
  let memory: Memory
  let derivative: Derivative
  let share: Share

  @inline(never)
  func use(_ function: some ActivationFunction) {
    let source = derivative.source.offset
    let outputGradient = derivative.outputGradient.offset
    let inputGradient = derivative.inputGradient.offset
    let destination = derivative.destination
    map(derivative.inputGradient, share) { index in
      memory.put(
        function.inputGradient(
          memory[lanes: source &+ index], memory[lanes: outputGradient &+ index]),
        inputGradient &+ index, destination)
    }
  }
}
