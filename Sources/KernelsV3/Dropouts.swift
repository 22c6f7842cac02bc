internal import KernelInstructions

extension DropoutInstruction {
  @inline(never)
  func run(_ memory: Memory, _ share: Share) {
    let key = (memory[bits: state.offset], memory[bits: state.offset &+ 1])
    let step = memory[bits: state.offset &+ 2]
    // A chance of 2^32 does not fit; the rate is below 1.
    let dropped = UInt32(Double(rate) * 0x1p32)
    let scale = 1 / (1 - rate)
    let blocks = (matrix.columns &+ 3) / 4
    for row in share.range(of: matrix.rows) {
      for block in 0..<blocks {
        let counter = UInt32(truncatingIfNeeded: row &* blocks &+ block)
        let words = philox((counter, step, 3, stream), key)
        for lane in 0..<min(4, matrix.columns &- block &* 4) {
          let column = block &* 4 &+ lane
          let isKept = words[lane] >= dropped
          let input = memory[matrix.offset &+ row &* matrix.stride &+ column]
          let output = isKept ? scale * input : 0
          let target = result.offset &+ row &* result.stride &+ column
          memory[target] = destination == .add ? memory[target] + output : output
        }
      }
    }
  }
}

/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011).
@inline(__always)
private func philox(
  _ counter: (UInt32, UInt32, UInt32, UInt32), _ key: (UInt32, UInt32)
) -> SIMD4<UInt32> {
  var (first, second, third, fourth) = counter
  var (low, high) = key
  for _ in 0..<10 {
    let product = UInt64(0xD251_1F53) &* UInt64(first)
    let other = UInt64(0xCD9E_8D57) &* UInt64(third)
    first = UInt32(truncatingIfNeeded: other >> 32) ^ second ^ low
    third = UInt32(truncatingIfNeeded: product >> 32) ^ fourth ^ high
    second = UInt32(truncatingIfNeeded: other)
    fourth = UInt32(truncatingIfNeeded: product)
    low &+= 0x9E37_79B9
    high &+= 0xBB67_AE85
  }
  return SIMD4(first, second, third, fourth)
}
