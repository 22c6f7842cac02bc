import NeuralNetwork
import Testing

@Suite("Seeded generator")
struct SeededGeneratorTests {
  /// From `kat_vectors` of Random123, philox4x32 with 10 rounds: counter, key, result.
  static let knownAnswers: [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)] = [
    (SIMD4(repeating: 0), SIMD2(0, 0), SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)),
    (
      SIMD4(repeating: .max), SIMD2(.max, .max),
      SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
    ),
    (
      SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), SIMD2(0xA409_3822, 0x299F_31D0),
      SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
    ),
  ]

  @Test("gives the published answers", arguments: knownAnswers)
  func knownAnswer(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, result: SIMD4<UInt32>) {
    #expect(SeededGenerator.philox(counter: counter, key: key) == result)
  }

  @Test("takes the seed as key, and block, purpose and index as counter")
  func wordsFollowFromSeedPurposeAndIndex() {
    var generator = SeededGenerator(seed: 0x0123_4567_89AB_CDEF, purpose: .data, index: 7)
    let key = SIMD2<UInt32>(0x89AB_CDEF, 0x0123_4567)
    for block in UInt32(0)..<3 {
      let expected = SeededGenerator.philox(counter: SIMD4(block, 0, 2, 7), key: key)
      let words = (0..<4).map { _ in generator.nextWord() }
      #expect(words == (0..<4).map { expected[$0] })
    }
  }

  @Test("a 64-bit number is two words, the low one first")
  func wideNumbers() {
    var words = SeededGenerator(seed: 5, purpose: .shuffling, index: 0)
    var wide = words
    for _ in 0..<6 {
      let (low, high) = (UInt64(words.nextWord()), UInt64(words.nextWord()))
      #expect(wide.next() == low | high << 32)
    }
  }

  @Test("streams of different seed, purpose or index have nothing in common")
  func streamsDiffer() {
    var seen: Set<UInt64> = []
    var count = 0
    for seed in [UInt64(0), 1, 1 << 32] {
      for purpose in [SeededGenerator.Purpose.initialization, .shuffling, .data] {
        for index in [0, 1, 2] {
          var generator = SeededGenerator(seed: seed, purpose: purpose, index: index)
          for _ in 0..<50 { seen.insert(generator.next()) }
          count += 50
        }
      }
    }
    #expect(seen.count == count)
  }

  @Test("unit numbers lie in [0, 1), evenly, on a grid of 2^-24")
  func units() {
    var generator = SeededGenerator(seed: 3, purpose: .data, index: 0)
    var tenths = Array(repeating: 0, count: 10)
    for _ in 0..<20_000 {
      let number = generator.unit()
      #expect(number >= 0 && number < 1)
      #expect((number * 0x1p24).rounded() == number * 0x1p24)
      tenths[Int(number * 10)] += 1
    }
    // 2000 are expected of each, with a standard deviation of 42.
    #expect(tenths.allSatisfy { (1_800...2_200).contains($0) })
  }

  @Test("normal numbers have mean 0, variance 1 and normal tails", arguments: [1, 2, 3])
  func normals(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, purpose: .data, index: 0)
    let numbers = (0..<20_000).map { _ in Double(generator.normal()) }
    let count = Double(numbers.count)
    let mean = numbers.reduce(0, +) / count
    let variance = numbers.reduce(0) { $0 + $1 * $1 } / count - mean * mean
    // Standard deviations of the estimates: 0.0071 and 0.01.
    #expect(mean.magnitude < 0.03)
    #expect((variance - 1).magnitude < 0.04)
    // 68.27, 95.45 and 99.73 percent lie within one, two and three standard deviations.
    for (width, share) in [(1.0, 0.682_7), (2, 0.954_5), (3, 0.997_3)] {
      let within = Double(numbers.count { $0.magnitude < width }) / count
      #expect((within - share).magnitude < 0.015, "\(width)")
    }
  }

  @Test("indices stay below the bound and reach all of it", arguments: [1, 2, 3, 7, 100])
  func indices(bound: Int) {
    var generator = SeededGenerator(seed: 9, purpose: .shuffling, index: 0)
    var counts = Array(repeating: 0, count: bound)
    for _ in 0..<(200 * bound) { counts[generator.index(below: bound)] += 1 }
    // 200 are expected of each, with a standard deviation of 14.
    #expect(counts.allSatisfy { (130...270).contains($0) })
  }
}
