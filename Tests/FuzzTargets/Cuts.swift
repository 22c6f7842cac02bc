/// Ways of cutting an input, the same ones for the same input every time.
struct Cuts {
  private var state: UInt64

  /// Seeds the cuts with the input itself (FNV-1a), so that its bytes mean only what the reader
  /// takes them for.
  init(of input: [UInt8]) {
    state = input.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } | 1
  }

  /// The input whole, byte by byte, and in pieces of 1 to 16 bytes.
  static func all(of input: [UInt8]) -> [[ArraySlice<UInt8>]] {
    var cuts = Cuts(of: input)
    return [[input[...]], input.indices.map { input[$0...$0] }, cuts.pieces(of: input)]
  }

  private mutating func pieces(of input: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = input[...]
    while !rest.isEmpty {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      let piece = rest.prefix(1 + Int(state >> 60))
      pieces.append(piece)
      rest = rest.dropFirst(piece.count)
    }
    return pieces
  }
}
