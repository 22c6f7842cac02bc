internal import KernelInstructions

/// Rows of a tile at most: with two vectors each and the operands they fill the registers, of which
/// AVX-512 has 32 and AVX2 16.
#if WIDE
private let tileRowsMax = 8
#else
private let tileRowsMax = 6
#endif

/// A product whose right operand is as wide as a strip and as long as fits the nearest cache, as
/// indices of the arena.
private struct Panel {
  /// What the sums begin with.
  enum Start {
    case zero
    /// One strip for all rows.
    case row(Int)
    /// The result's own.
    case existing
  }

  /// What is done with the sums.
  enum End {
    case store
    case relu
    /// Where the first row's strip of the matrix lies that decides what is kept.
    case whereAboveZero(Int)
    /// Where the rate lies.
    case descend(Int)
  }

  let memory: Memory
  /// Entry (i, p) of the left operand lies at `left + i * rowStride + p * innerStride`.
  var left: Int
  let rowStride: Int
  let innerStride: Int
  /// The strip's first number in each row of the right operand lies at `right + p * rightStride`.
  var right: Int
  var rightStride: Int
  var inner: Int
  /// The strip's first number in row i of the result lies at `result + i * resultStride`.
  var result: Int
  let resultStride: Int
  var start: Start
  var end: End

  /// Covers one or two rows with a wide strip.
  @inline(__always)
  func run(_: EightVectors.Type, rows: Range<Int>) {
    if rows.count == 2 {
      run(TwoRows<EightVectors>.self, rows.lowerBound)
    } else {
      run(Row<EightVectors>.self, rows.lowerBound)
    }
  }

  /// Covers the rows with tiles.
  ///
  /// The last two share what is left evenly: a low last tile would wait
  /// for its few chains of sums.
  @inline(__always)
  func run<Part: Strip>(_: Part.Type, rows: Range<Int>) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let rest = rows.upperBound &- row
      let count =
        rest > 2 &* tileRowsMax || rest == tileRowsMax
        ? tileRowsMax : rest > tileRowsMax ? (rest &+ 1) &>> 1 : rest
      switch count {
      case 1: run(Row<Part>.self, row)
      case 2: run(TwoRows<Part>.self, row)
      case 3: run(ThreeRows<Part>.self, row)
      case 4: run(FourRows<Part>.self, row)
      case 5: run(FiveRows<Part>.self, row)
      case 6: run(SixRows<Part>.self, row)
      #if WIDE
      case 7: run(SevenRows<Part>.self, row)
      default: run(EightRows<Part>.self, row)
      #else
      default: break
      #endif
      }
      row &+= count
    }
  }

  /// Computes one tile.
  ///
  /// A function of its own, so that its sums alone compete for the registers.
  @inline(never)
  private func run<Rows: Tile>(_: Rows.Type, _ row: Int) {
    typealias Part = Rows.Part
    let memory = memory
    let stride = resultStride
    let target = result &+ row &* stride
    var sums: Rows
    switch start {
    case .zero: sums = Rows()
    case .row(let index): sums = Rows(repeating: Part(memory, index))
    case .existing: sums = Rows(memory, target, stride: stride)
    }
    let rowStride = rowStride
    let innerStride = innerStride
    let rightStride = rightStride
    var leftEntry = left &+ row &* rowStride
    var rightEntry = right
    for _ in 0..<inner {
      sums.addProduct(Part(memory, rightEntry), memory, leftEntry, stride: rowStride)
      leftEntry &+= innerStride
      rightEntry &+= rightStride
    }
    switch end {
    case .store: break
    case .relu: sums.cutBelowZero()
    case .whereAboveZero(let index):
      sums.keep(whereAboveZero: memory, index &+ row &* stride, stride: stride)
    case .descend(let rate):
      sums.addTo(memory, target, stride: stride, step: Lanes(repeating: -memory[rate]))
      return
    }
    sums.store(memory, target, stride: stride)
  }
}

extension Product {
  /// Whether the right operand's rows lie so far apart that a strip of them is copied together
  /// first: else they would fall on few lines of the cache and drive each other out.
  @inline(__always)
  private var isPacked: Bool {
    result.rows >= 24 && right.stride >= 128 && right.rows >= 32
  }

  /// Whether the right operand fits the nearest cache.
  ///
  /// The result is then covered row by row, as it
  /// lies in memory, else strip by strip.
  @inline(__always)
  private var isRightSmall: Bool {
    right.rows &* right.stride <= 8_192
  }

  /// Computes a share of the result: some of its strips, or some rows of all of them.
  @inline(never)
  func run(_ memory: Memory, workspace: Int, _ share: Share) {
    // Where the last vector of a row would be padding alone, it is left out.
    let vectors = (result.columns &+ laneCount &- 1) / laneCount
    let strips = (vectors &+ 1) / 2
    var stripShare = 0..<strips
    var rowShare = 0..<result.rows
    if share.count > 1 {
      if strips >= 2 &* share.count {
        stripShare = share.range(of: strips)
      } else {
        rowShare = share.range(of: result.rows, step: tileRowsMax)
      }
    }
    // There may be more threads than rows or strips to share.
    guard !rowShare.isEmpty else { return }
    var panel = firstPanel(memory)
    if isRightSmall && right.rows <= Product.innerAtOnce {
      panel.end = lastEnd
      var row = rowShare.lowerBound
      while row < rowShare.upperBound {
        let rows = row..<min(row &+ tileRowsMax, rowShare.upperBound)
        run(panel, rows: rows, stripShare, vectors: vectors)
        row = rows.upperBound
      }
      return
    }
    let isPacked = isPacked
    let inner = right.rows
    var first = 0
    repeat {
      panel.inner = min(inner &- first, Product.innerAtOnce)
      if first > 0 { panel.start = .existing }
      panel.end = first &+ panel.inner == inner ? lastEnd : .store
      run(panel, rows: rowShare, stripShare, vectors: vectors, packedAt: isPacked ? workspace : nil)
      panel.left &+= panel.inner &* panel.innerStride
      panel.right &+= panel.inner &* panel.rightStride
      first &+= panel.inner
    } while first < inner
  }

  /// Computes rows of a few strips.
  @inline(__always)
  private func run(
    _ panel: Panel, rows: Range<Int>, _ strips: Range<Int>, vectors: Int,
    packedAt workspace: Int? = nil
  ) {
    var strip = strips.lowerBound
    while strip < strips.upperBound {
      // Few rows leave registers for wider strips, which read longer parts of the right operand.
      if rows.count <= 2 && strip &+ 4 <= strips.upperBound && 2 &* strip &+ 8 <= vectors {
        panel.strip(at: strip &* 2 &* laneCount).run(EightVectors.self, rows: rows)
        strip &+= 4
        continue
      }
      let isTwo = 2 &* strip &+ 1 < vectors
      var part = panel.strip(at: strip &* 2 &* laneCount)
      if let workspace { part.pack(width: isTwo ? 2 &* laneCount : laneCount, into: workspace) }
      if isTwo {
        part.run(TwoVectors.self, rows: rows)
      } else {
        part.run(OneVector.self, rows: rows)
      }
      strip &+= 1
    }
  }

  /// The panel of the first column.
  @inline(__always)
  private func firstPanel(_ memory: Memory) -> Panel {
    let first: Panel.Start =
      switch start {
      case .zero: .zero
      case .row(let bias): .row(bias.offset)
      case .existing: .existing
      }
    return Panel(
      memory: memory, left: left.offset, rowStride: isLeftTransposed ? 1 : left.stride,
      innerStride: isLeftTransposed ? left.stride : 1, right: right.offset,
      rightStride: right.stride, inner: right.rows, result: result.offset,
      resultStride: result.stride, start: first, end: .store)
  }

  @inline(__always)
  private var lastEnd: Panel.End {
    switch end {
    case .store: .store
    case .relu: .relu
    case .whereAboveZero(let mask): .whereAboveZero(mask.offset)
    case .descend(let rate): .descend(rate.offset)
    }
  }
}

extension Panel {
  /// The same panel further right.
  @inline(__always)
  fileprivate func strip(at column: Int) -> Panel {
    var strip = self
    strip.right &+= column
    strip.result &+= column
    if case .row(let bias) = start { strip.start = .row(bias &+ column) }
    if case .whereAboveZero(let mask) = end { strip.end = .whereAboveZero(mask &+ column) }
    return strip
  }

  /// Copies the right operand's strip together.
  @inline(__always)
  fileprivate mutating func pack(width: Int, into workspace: Int) {
    var source = right
    var target = workspace
    for _ in 0..<inner {
      var vector = 0
      while vector < width {
        memory[lanes: target &+ vector] = memory[lanes: source &+ vector]
        vector &+= laneCount
      }
      source &+= rightStride
      target &+= width
    }
    right = workspace
    rightStride = width
  }
}
