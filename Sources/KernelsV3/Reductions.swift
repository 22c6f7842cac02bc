internal import KernelInstructions

/// The sum of each column by ``Instruction/columnSums(_:into:_:)``'s order, a vector of columns at
/// a time.
///
/// - Parameters:
///   - rows: How many rows.
///   - term: What row `i` adds.
/// - Returns: One sum for each lane.
@inline(__always)
func columnSum(rows: Int, _ term: (Int) -> Lanes) -> Lanes {
  var sum0 = Lanes.zero
  var sum1 = Lanes.zero
  var sum2 = Lanes.zero
  var sum3 = Lanes.zero
  var row = 0
  while row &+ 4 <= rows {
    sum0 += term(row)
    sum1 += term(row &+ 1)
    sum2 += term(row &+ 2)
    sum3 += term(row &+ 3)
    row &+= 4
  }
  if row < rows { sum0 += term(row) }
  if row &+ 1 < rows { sum1 += term(row &+ 1) }
  if row &+ 2 < rows { sum2 += term(row &+ 2) }
  return (sum0 + sum1) + (sum2 + sum3)
}

/// Calls the body for the first column of each vector of a row.
@inline(__always)
func forEachVector(_ columns: Int, _ body: (Int) -> Void) {
  var column = 0
  while column < columns {
    body(column)
    column &+= laneCount
  }
}

extension InstructionList.ColumnSums {
  @inline(never)
  func run(_ memory: Memory) {
    forEachVector(matrix.columns) { column in
      let sum = columnSum(rows: matrix.rows) {
        memory[lanes: matrix.offset &+ $0 &* matrix.stride &+ column]
      }
      let target = result.offset &+ column
      switch end {
      case .store(.replace): memory[lanes: target] = sum
      case .store(.add): memory[lanes: target] += sum
      case .descend(let rate):
        let size = Lanes(repeating: -memory[rate.offset])
        memory[lanes: target] = memory[lanes: target].addingProduct(size, sum)
      }
    }
  }
}

/// Sixteen chains over a row's columns, equal modulo 16, whatever the width of a vector.
struct RowChains {
  #if WIDE
  private var sums = Lanes.zero
  #else
  private var low = Lanes.zero
  private var high = Lanes.zero
  #endif

  /// Sums a row of numbers; `term` gives a vector of them from the first column's number.
  @inline(__always)
  static func sum(_ columns: Int, _ term: (Int) -> Lanes) -> Float {
    var chains = RowChains()
    forEachVector(columns) { column in
      var value = term(column)
      if columns &- column < laneCount {
        value = masked(value, columns &- column)
      }
      chains.add(value, column)
    }
    return chains.total
  }

  @inline(__always)
  private mutating func add(_ value: Lanes, _ column: Int) {
    #if WIDE
    sums += value
    #else
    if column & 8 == 0 { low += value } else { high += value }
    #endif
  }

  @inline(__always)
  private var total: Float {
    #if WIDE
    let eight = sums.lowHalf + sums.highHalf
    #else
    let eight = low + high
    #endif
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}

/// The first numbers of a vector, 0 in place of the others.
@inline(__always)
func masked(_ value: Lanes, _ count: Int) -> Lanes {
  var places = IntegerLanes.zero
  for lane in 0..<laneCount { places[lane] = Int32(truncatingIfNeeded: lane) }
  let limit = IntegerLanes(repeating: Int32(truncatingIfNeeded: count))
  return value.replacing(with: 0, where: places .>= limit)
}
