// This folder is compiled twice: as KernelsV3 for processors with AVX2 (and for arm64), and as
// KernelsV4, which is a link to it, for those with AVX-512.

#if WIDE
/// One vector of the processor's.
typealias Lanes = SIMD16<Float>
typealias IntegerLanes = SIMD16<Int32>
#else
/// One vector of the processor's.
typealias Lanes = SIMD8<Float>
typealias IntegerLanes = SIMD8<Int32>
#endif

/// Numbers in one vector.
let laneCount = Lanes.scalarCount

/// An arena's numbers by their indices.
///
/// The only place of this room that touches memory. Nothing is checked: programs check every
/// matrix when they are written down, and an arena that it can hold them before it runs one.
@safe struct Memory {
  private let base: UnsafeMutableRawPointer

  init(_ base: UnsafeMutablePointer<Float>) {
    unsafe self.base = UnsafeMutableRawPointer(base)
  }

  /// The vector that begins at an index, a multiple of its size.
  @inline(__always)
  subscript(lanes index: Int) -> Lanes {
    get { unsafe base.load(fromByteOffset: index &* 4, as: Lanes.self) }
    nonmutating set {
      unsafe base.storeBytes(of: newValue, toByteOffset: index &* 4, as: Lanes.self)
    }
  }

  @inline(__always)
  subscript(index: Int) -> Float {
    get { unsafe base.load(fromByteOffset: index &* 4, as: Float.self) }
    nonmutating set {
      unsafe base.storeBytes(of: newValue, toByteOffset: index &* 4, as: Float.self)
    }
  }

  /// The eight numbers from an index on, a multiple of eight.
  @inline(__always)
  subscript(eight index: Int) -> SIMD8<Float> {
    get { unsafe base.load(fromByteOffset: index &* 4, as: SIMD8<Float>.self) }
    nonmutating set {
      unsafe base.storeBytes(of: newValue, toByteOffset: index &* 4, as: SIMD8<Float>.self)
    }
  }

  /// The double in the place of the numbers at an even index and behind it.
  @inline(__always)
  subscript(double index: Int) -> Double {
    get { unsafe base.load(fromByteOffset: index &* 4, as: Double.self) }
    nonmutating set {
      unsafe base.storeBytes(of: newValue, toByteOffset: index &* 4, as: Double.self)
    }
  }

  /// The bits in the place of a number.
  @inline(__always)
  subscript(bits index: Int) -> UInt32 {
    unsafe base.load(fromByteOffset: index &* 4, as: UInt32.self)
  }
}

/// A part of a range that several threads share evenly.
struct Share {
  let index: Int
  let count: Int

  /// The whole, for work that is not shared.
  static let whole = Share(index: 0, count: 1)

  /// This share of `0..<total`, in multiples of `step`.
  @inline(__always)
  func range(of total: Int, step: Int = 1) -> Range<Int> {
    if count == 1 { return 0..<total }
    let steps = (total &+ step &- 1) / step
    let start = min(steps &* index / count &* step, total)
    let end = min(steps &* (index &+ 1) / count &* step, total)
    return start..<end
  }
}
