import Glibc
import Interchange
import NeuralNetwork

/// A comparison of the reader's floats with those of the C library, whose `strtof` rounds correctly.
package struct FloatComparison: CustomStringConvertible {
  /// The numbers compared.
  package let count: Int
  package let seed: Int

  /// How many of them both sides found too large.
  package private(set) var tooLarge = 0

  /// A sentence for each number that the sides read as different bits; the first hundred.
  package private(set) var differences: [String] = []

  /// Compares `count` numbers of the sequence of a seed.
  package init(count: Int, seed: Int) throws {
    self.count = count
    self.seed = seed
    var decimals = RandomDecimals(seed: seed)
    var pieces = SeededRandom(seed: seed)
    var left = count
    while left > 0, differences.count < 100 {
      let texts = (0..<min(left, 1_000)).map { _ in decimals.next() }
      left -= texts.count
      try compare(texts, pieceBytes: pieces.int(1...2_000))
    }
  }

  package var description: String {
    "\(count) numbers of seed \(seed), of which \(tooLarge) too large:"
      + " \(differences.count) differences from strtof"
      + differences.map { "\n" + $0 }.joined()
  }

  private mutating func compare(_ texts: [String], pieceBytes: Int) throws {
    var finite: [(text: String, bits: UInt32)] = []
    for text in texts {
      let expected = strtof(text, nil)
      if expected.isFinite {
        finite.append((text, expected.bitPattern))
      } else if case .malformedTensor(let fault) = try Self.read([text], pieceBytes: pieceBytes),
        fault.code == "number_too_large"
      {
        tooLarge += 1
      } else {
        differences.append("\(text) was accepted, but is too large")
      }
    }
    guard case .tensor(let tensor) = try Self.read(finite.map(\.text), pieceBytes: pieceBytes),
      tensor.elements.count == finite.count
    else {
      differences.append("a number of these was refused: \(finite.map(\.text))")
      return
    }
    for (float, expected) in zip(tensor.elements, finite) where float.bitPattern != expected.bits {
      differences.append(
        "\(expected.text) was read as \(float), but is \(Float(bitPattern: expected.bits))")
    }
  }

  private static func read(_ texts: [String], pieceBytes: Int) throws -> JSONValue {
    let bytes = Array("[\(texts.joined(separator: ","))]".utf8)
    var reader = JSONPieceReader { _ in true }
    for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
      try reader.consume(Array(bytes[start..<min(start + pieceBytes, bytes.count)]))
    }
    return try reader.finish()
  }
}
