/// Random numbers for tests: a function of the seed alone, which a failing test prints.
///
/// The generator of Steele, Lea and Flood (2014); not the one under test.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Begins a stream.
  package init(seed: Int) {
    state = UInt64(truncatingIfNeeded: seed) &* 0xD1B5_4A32_D192_ED03
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A whole number of the range.
  package mutating func int(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// True once in `count` times.
  package mutating func oneIn(_ count: Int) -> Bool { int(1...count) == 1 }

  /// One of the elements.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[int(0...(elements.count - 1))]
  }

  /// Numbers of ordinary size, with both signs.
  package mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }

  /// Numbers of every kind: ordinary, tiny, huge, denormal, zeros, and a few infinities and NaN.
  package mutating func awkwardFloats(_ count: Int) -> [Float] {
    (0..<count).map { _ in
      switch int(0...60) {
      case 0: .nan
      case 1: .infinity
      case 2: -.infinity
      case 3...5: 0
      case 6...7: -0.0
      case 8...10: Float(bitPattern: UInt32(int(1...0x7F_FFFF)))
      case 11...20: Float.random(in: -1e19...1e19, using: &self)
      case 21...30: Float.random(in: -1e-19...1e-19, using: &self)
      default: Float.random(in: -2...2, using: &self)
      }
    }
  }
}
