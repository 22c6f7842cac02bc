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
    while column &+ 8 <= matrix.columns {
      transposeBlock(
        memory, source &+ column, rows: matrix.rows &- first, stride: matrix.stride,
        into: target &+ column &* result.stride, stride: result.stride)
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

/// Transposes 16 rows of 8 numbers, of which there are so many.
@inline(__always)
private func transposeBlock(
  _ memory: Memory, _ source: Int, rows: Int, stride: Int, into target: Int,
  stride targetStride: Int
) {
  for half in 0..<2 {
    @inline(__always)
    func row(_ index: Int) -> SIMD8<Float> {
      memory[eight: source &+ min(half &* 8 &+ index, rows &- 1) &* stride]
    }
    let upper = FourColumns(row(0), row(1), row(2), row(3))
    let lower = FourColumns(row(4), row(5), row(6), row(7))
    @inline(__always)
    func store(_ column: Int, _ upper: SIMD8<Float>, _ lower: SIMD8<Float>) {
      let index = target &+ column &* targetStride &+ half &* 8
      memory[eight: index] = SIMD8(lowHalf: upper.lowHalf, highHalf: lower.lowHalf)
      memory[eight: index &+ 4 &* targetStride] = SIMD8(
        lowHalf: upper.highHalf, highHalf: lower.highHalf)
    }
    store(0, upper.zeroAndFour, lower.zeroAndFour)
    store(1, upper.oneAndFive, lower.oneAndFive)
    store(2, upper.twoAndSix, lower.twoAndSix)
    store(3, upper.threeAndSeven, lower.threeAndSeven)
  }
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
