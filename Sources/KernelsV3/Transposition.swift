internal import KernelInstructions

/// Transposes blocks of sixteen rows, so that both sides use whole cache lines.
///
/// Where the matrix has fewer rows than a block, its last row stands for those that are missing: they
/// go to the padding of the result's rows.
@inline(never)
func transpose(_ memory: Memory, _ matrix: Matrix, into result: Matrix, _ share: Share) {
  for block in share.range(of: (matrix.rows &+ 15) / 16) {
    let first = block &* 16
    let source = matrix.offset &+ first &* matrix.stride
    let target = result.offset &+ first
    var column = 0
    let last = matrix.rows &- first &- 1
    while column &+ 8 <= matrix.columns {
      let start = source &+ column
      let place = target &+ column &* result.stride
      if last >= 15 {
        transposeBlock(memory, into: place, stride: result.stride) { row in
          memory[eight: start &+ row &* matrix.stride]
        }
      } else {
        transposeBlock(memory, into: place, stride: result.stride) { row in
          memory[eight: start &+ min(row, last) &* matrix.stride]
        }
      }
      column &+= 8
    }
    while column < matrix.columns {
      for row in 0..<min(16, matrix.rows &- first) {
        memory[target &+ column &* result.stride &+ row] =
          memory[source &+ row &* matrix.stride &+ column]
      }
      column &+= 1
    }
  }
}

/// Transposes 16 rows of 8 numbers, whose columns are written as whole cache lines.
@inline(__always)
private func transposeBlock(
  _ memory: Memory, into target: Int, stride: Int, _ row: (Int) -> SIMD8<Float>
) {
  let first = FourColumns(row(0), row(1), row(2), row(3))
  let second = FourColumns(row(4), row(5), row(6), row(7))
  let third = FourColumns(row(8), row(9), row(10), row(11))
  let fourth = FourColumns(row(12), row(13), row(14), row(15))
  @inline(__always)
  func store(_ column: Int, _ part: (FourColumns) -> SIMD8<Float>) {
    let index = target &+ column &* stride
    memory[eight: index] = SIMD8(lowHalf: part(first).lowHalf, highHalf: part(second).lowHalf)
    memory[eight: index &+ 8] = SIMD8(lowHalf: part(third).lowHalf, highHalf: part(fourth).lowHalf)
    let other = index &+ 4 &* stride
    memory[eight: other] = SIMD8(lowHalf: part(first).highHalf, highHalf: part(second).highHalf)
    memory[eight: other &+ 8] = SIMD8(
      lowHalf: part(third).highHalf, highHalf: part(fourth).highHalf)
  }
  store(0) { $0.zeroAndFour }
  store(1) { $0.oneAndFive }
  store(2) { $0.twoAndSix }
  store(3) { $0.threeAndSeven }
}

/// The columns of four rows of 8 numbers, each four numbers long, two to a vector.
private struct FourColumns {
  let zeroAndFour: SIMD8<Float>
  let oneAndFive: SIMD8<Float>
  let twoAndSix: SIMD8<Float>
  let threeAndSeven: SIMD8<Float>

  @inline(__always)
  init(
    _ first: SIMD8<Float>, _ second: SIMD8<Float>, _ third: SIMD8<Float>, _ fourth: SIMD8<Float>
  ) {
    // Pairs from the same column of two rows, then fours from the same column of two pairs.
    let evens = (
      interleaved(first.evenHalf, second.evenHalf), interleaved(third.evenHalf, fourth.evenHalf)
    )
    let odds = (
      interleaved(first.oddHalf, second.oddHalf), interleaved(third.oddHalf, fourth.oddHalf)
    )
    zeroAndFour = interleaved(pairs(evens.0).evenHalf, pairs(evens.1).evenHalf)
    twoAndSix = interleaved(pairs(evens.0).oddHalf, pairs(evens.1).oddHalf)
    oneAndFive = interleaved(pairs(odds.0).evenHalf, pairs(odds.1).evenHalf)
    threeAndSeven = interleaved(pairs(odds.0).oddHalf, pairs(odds.1).oddHalf)
  }
}

@inline(__always)
private func interleaved(_ evens: SIMD4<Float>, _ odds: SIMD4<Float>) -> SIMD8<Float> {
  var vector = SIMD8<Float>.zero
  vector.evenHalf = evens
  vector.oddHalf = odds
  return vector
}

@inline(__always)
private func interleaved(_ evens: SIMD2<UInt64>, _ odds: SIMD2<UInt64>) -> SIMD8<Float> {
  var vector = SIMD4<UInt64>.zero
  vector.evenHalf = evens
  vector.oddHalf = odds
  // Vectors of equal size: the standard library has no checked way between them.
  return unsafe unsafeBitCast(vector, to: SIMD8<Float>.self)
}

/// Each two numbers as one.
@inline(__always)
private func pairs(_ vector: SIMD8<Float>) -> SIMD4<UInt64> {
  // As above, the other way.
  unsafe unsafeBitCast(vector, to: SIMD4<UInt64>.self)
}
