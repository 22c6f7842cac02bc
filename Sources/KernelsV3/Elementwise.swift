internal import KernelInstructions

/// Makes each vector of a share of the result, padding included, from the place of its numbers.
@inline(__always)
func map(_ result: Matrix, _ share: Share, _ body: (Int) -> Void) {
  let range = share.range(of: result.size, step: Matrix.lanes)
  var index = range.lowerBound
  while index < range.upperBound {
    body(index)
    index &+= laneCount
  }
}

extension Memory {
  /// Replaces a vector of the result or adds to it.
  @inline(__always)
  func put(_ value: Lanes, _ index: Int, _ destination: Destination) {
    switch destination {
    case .replace: self[lanes: index] = value
    case .add: self[lanes: index] += value
    }
  }
}

@inline(never)
func combine(
  _ memory: Memory, _ combination: Combination, _ first: Matrix, _ second: Matrix,
  into result: Matrix, _ destination: Destination, _ share: Share
) {
  @inline(__always)
  func combine(_ function: (Lanes, Lanes) -> Lanes) {
    map(result, share) { index in
      memory.put(
        function(memory[lanes: first.offset &+ index], memory[lanes: second.offset &+ index]),
        result.offset &+ index, destination)
    }
  }
  switch combination {
  case .add: combine { $0 + $1 }
  case .subtract: combine { $0 - $1 }
  case .multiply: combine { $0 * $1 }
  }
}

@inline(never)
func scale(
  _ memory: Memory, _ matrix: Matrix, by factor: Float, into result: Matrix,
  _ destination: Destination, _ share: Share
) {
  let factor = Lanes(repeating: factor)
  map(result, share) { index in
    memory.put(
      factor * memory[lanes: matrix.offset &+ index], result.offset &+ index, destination)
  }
}

extension ColumnCopy {
  @inline(never)
  func run(_ memory: Memory) {
    for row in 0..<matrix.rows {
      let source = matrix.offset &+ row &* matrix.stride &+ column
      let target = result.offset &+ row &* result.stride &+ resultColumn
      for index in 0..<columns {
        switch destination {
        case .replace: memory[target &+ index] = memory[source &+ index]
        case .add: memory[target &+ index] += memory[source &+ index]
        }
      }
    }
  }
}
