/// Neighbouring vectors of a row, held in registers.
protocol Strip {
  /// Numbers in it.
  static var width: Int { get }
  init()
  init(_ memory: Memory, _ index: Int)
  func store(_ memory: Memory, _ index: Int)
  mutating func addProduct(_ strip: Self, _ factor: Lanes)
  mutating func cutBelowZero()
  mutating func keep(whereAboveZero mask: Self)
}

struct OneVector: Strip {
  var vector: Lanes

  @inline(__always)
  static var width: Int { laneCount }

  @inline(__always)
  init() { vector = .zero }

  @inline(__always)
  init(_ memory: Memory, _ index: Int) { vector = memory[lanes: index] }

  @inline(__always)
  func store(_ memory: Memory, _ index: Int) { memory[lanes: index] = vector }

  @inline(__always)
  mutating func addProduct(_ strip: OneVector, _ factor: Lanes) {
    vector.addProduct(strip.vector, factor)
  }

  @inline(__always)
  mutating func cutBelowZero() { vector.replace(with: 0, where: vector .< 0) }

  @inline(__always)
  mutating func keep(whereAboveZero mask: OneVector) {
    vector.replace(with: 0, where: mask.vector .<= 0)
  }
}

/// One strip beside another.
struct Pair<Half: Strip>: Strip {
  var left: Half
  var right: Half

  @inline(__always)
  static var width: Int { 2 &* Half.width }

  @inline(__always)
  init() { (left, right) = (Half(), Half()) }

  @inline(__always)
  init(_ memory: Memory, _ index: Int) {
    left = Half(memory, index)
    right = Half(memory, index &+ Half.width)
  }

  @inline(__always)
  func store(_ memory: Memory, _ index: Int) {
    left.store(memory, index)
    right.store(memory, index &+ Half.width)
  }

  @inline(__always)
  mutating func addProduct(_ strip: Pair, _ factor: Lanes) {
    left.addProduct(strip.left, factor)
    right.addProduct(strip.right, factor)
  }

  @inline(__always)
  mutating func cutBelowZero() {
    left.cutBelowZero()
    right.cutBelowZero()
  }

  @inline(__always)
  mutating func keep(whereAboveZero mask: Pair) {
    left.keep(whereAboveZero: mask.left)
    right.keep(whereAboveZero: mask.right)
  }
}

typealias TwoVectors = Pair<OneVector>
typealias EightVectors = Pair<Pair<TwoVectors>>

/// Several rows of strips, whose sums are held in registers.
///
/// It is the block of a product that is computed at once. Row `i` lies `i * stride` numbers behind the first.
protocol Tile {
  associatedtype Part: Strip
  static var rows: Int { get }
  /// Zeros.
  init()
  /// The same strip in each row.
  init(repeating strip: Part)
  init(_ memory: Memory, _ index: Int, stride: Int)
  /// Adds `strip * left[i]` to row `i`; the entries of `left` lie `stride` apart.
  mutating func addProduct(_ strip: Part, _ memory: Memory, _ left: Int, stride: Int)
  func store(_ memory: Memory, _ index: Int, stride: Int)
  /// Numbers below 0 become 0.
  mutating func cutBelowZero()
  /// Numbers become 0 where those in memory are 0 or below.
  mutating func keep(whereAboveZero memory: Memory, _ index: Int, stride: Int)
  /// Adds `step` times the sums to what is in memory.
  func addTo(_ memory: Memory, _ index: Int, stride: Int, step: Lanes)
}

struct Row<Part: Strip>: Tile {
  var sum: Part

  @inline(__always)
  static var rows: Int { 1 }

  @inline(__always)
  init() { sum = Part() }

  @inline(__always)
  init(repeating strip: Part) { sum = strip }

  @inline(__always)
  init(_ memory: Memory, _ index: Int, stride: Int) { sum = Part(memory, index) }

  @inline(__always)
  mutating func addProduct(_ strip: Part, _ memory: Memory, _ left: Int, stride: Int) {
    sum.addProduct(strip, Lanes(repeating: memory[left]))
  }

  @inline(__always)
  func store(_ memory: Memory, _ index: Int, stride: Int) { sum.store(memory, index) }

  @inline(__always)
  mutating func cutBelowZero() { sum.cutBelowZero() }

  @inline(__always)
  mutating func keep(whereAboveZero memory: Memory, _ index: Int, stride: Int) {
    sum.keep(whereAboveZero: Part(memory, index))
  }

  @inline(__always)
  func addTo(_ memory: Memory, _ index: Int, stride: Int, step: Lanes) {
    var value = Part(memory, index)
    value.addProduct(sum, step)
    value.store(memory, index)
  }
}

/// One tile above another.
struct Stack<Upper: Tile, Lower: Tile>: Tile where Upper.Part == Lower.Part {
  var upper: Upper
  var lower: Lower

  @inline(__always)
  static var rows: Int { Upper.rows &+ Lower.rows }

  @inline(__always)
  init() { (upper, lower) = (Upper(), Lower()) }

  @inline(__always)
  init(repeating strip: Upper.Part) {
    upper = Upper(repeating: strip)
    lower = Lower(repeating: strip)
  }

  @inline(__always)
  init(_ memory: Memory, _ index: Int, stride: Int) {
    upper = Upper(memory, index, stride: stride)
    lower = Lower(memory, index &+ Upper.rows &* stride, stride: stride)
  }

  @inline(__always)
  mutating func addProduct(_ strip: Upper.Part, _ memory: Memory, _ left: Int, stride: Int) {
    upper.addProduct(strip, memory, left, stride: stride)
    lower.addProduct(strip, memory, left &+ Upper.rows &* stride, stride: stride)
  }

  @inline(__always)
  func store(_ memory: Memory, _ index: Int, stride: Int) {
    upper.store(memory, index, stride: stride)
    lower.store(memory, index &+ Upper.rows &* stride, stride: stride)
  }

  @inline(__always)
  mutating func cutBelowZero() {
    upper.cutBelowZero()
    lower.cutBelowZero()
  }

  @inline(__always)
  mutating func keep(whereAboveZero memory: Memory, _ index: Int, stride: Int) {
    upper.keep(whereAboveZero: memory, index, stride: stride)
    lower.keep(whereAboveZero: memory, index &+ Upper.rows &* stride, stride: stride)
  }

  @inline(__always)
  func addTo(_ memory: Memory, _ index: Int, stride: Int, step: Lanes) {
    upper.addTo(memory, index, stride: stride, step: step)
    lower.addTo(memory, index &+ Upper.rows &* stride, stride: stride, step: step)
  }
}

typealias TwoRows<Part: Strip> = Stack<Row<Part>, Row<Part>>
typealias ThreeRows<Part: Strip> = Stack<TwoRows<Part>, Row<Part>>
typealias FourRows<Part: Strip> = Stack<TwoRows<Part>, TwoRows<Part>>
typealias FiveRows<Part: Strip> = Stack<FourRows<Part>, Row<Part>>
typealias SixRows<Part: Strip> = Stack<FourRows<Part>, TwoRows<Part>>
typealias SevenRows<Part: Strip> = Stack<FourRows<Part>, ThreeRows<Part>>
typealias EightRows<Part: Strip> = Stack<FourRows<Part>, FourRows<Part>>
