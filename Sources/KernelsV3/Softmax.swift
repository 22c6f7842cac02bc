internal import KernelInstructions

@inline(never)
func softmax(_ memory: Memory, _ input: Matrix, into result: Matrix, _ share: Share) {
  for row in share.range(of: input.rows) {
    let source = input.offset &+ row &* input.stride
    let target = result.offset &+ row &* result.stride
    let shift = Lanes(repeating: rowMaximum(memory, source, input.columns))
    let sum = RowChains.sum(input.columns) { column in
      let power = Elementary.exp(memory[lanes: source &+ column] - shift)
      memory[lanes: target &+ column] = power
      return power
    }
    forEachVector(input.columns) { column in
      memory[lanes: target &+ column] /= Lanes(repeating: sum)
    }
  }
}

/// The greatest number of a row.
@inline(__always)
func rowMaximum(_ memory: Memory, _ start: Int, _ columns: Int) -> Float {
  var greatest = memory[start]
  for column in 1..<max(columns, 1) {
    let number = memory[start &+ column]
    greatest = number > greatest ? number : greatest
  }
  return greatest
}

@inline(never)
func softmaxGradient(
  _ memory: Memory, output: Matrix, outputGradient: Matrix, into result: Matrix,
  _ destination: Destination, _ share: Share
) {
  for row in share.range(of: output.rows) {
    let start = row &* output.stride
    let mean = RowChains.sum(output.columns) { column in
      memory[lanes: output.offset &+ start &+ column]
        * memory[lanes: outputGradient.offset &+ start &+ column]
    }
    forEachVector(output.columns) { column in
      let gradient = memory[lanes: outputGradient.offset &+ start &+ column]
      memory.put(
        memory[lanes: output.offset &+ start &+ column] * (gradient - mean),
        result.offset &+ start &+ column, destination)
    }
  }
}
