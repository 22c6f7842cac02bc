import Glibc
import Interchange
import NeuralNetwork
import TestSupport
import Testing

/// The C library's `strtof` rounds correctly in every case, and is what we compare with.
@Suite("JSONReader: 32-bit floats")
struct FloatReadingTests {
  @Test("200,000 random decimals of every kind are bit-equal to strtof", arguments: [1])
  func randomDecimals(seed: Int) throws {
    let comparison = try FloatComparison(count: 200_000, seed: seed)
    #expect(comparison.differences == [])
    #expect(comparison.tooLarge > 1_000)
  }

  @Test(
    "decimals exactly halfway, and off by a far digit, are bit-equal to strtof",
    arguments: [
      "16777217", "16777217.0", "16777217.00000000000000000000000000001", "16777219",
      "16777216.99999999999999999999999999999", "-16777217", "1.00000005960464477539062500",
      "1.000000059604644775390625000000000000001", "1.000000059604644775390624999999999999999",
      "9007199791611905", "340282356779733661637539395458142568447", "3.4028235677973366e37",
    ])
  func halfway(text: String) throws {
    try check([text])
  }

  @Test("denormal numbers, their edge, zeros and huge exponents are bit-equal to strtof")
  func edges() throws {
    try check(
      [
        "0", "-0", "0.0", "-0e5", "0e99999999999999999999", "1e-45", "7e-46", "7.1e-46", "-1e-46",
        "1.17549435e-38", "1.1754943e-38", "1.17549421e-38", "1.1754942e-38", "5.877e-39",
        "1e-99999999999999999999", "3.4028234e38", "3.40282346e38", "1e38", "1e-38", "123456789e30",
        "0.000000000000000000000000000000000000012345", "123456789012345678901234567890",
        "1234567890123456789012345678901234567e-70",
      ])
    #expect(try readFloats(["-0"]).first?.sign == .minus)
  }

  @Test(
    "what rounds beyond the largest float is too large",
    arguments: [
      "3.4028236e38", "3.40282357e38", "-1e39", "1e9999999999999999999",
      "340282356779733661637539395458142568448",
    ])
  func tooLarge(text: String) throws {
    #expect(strtof(text, nil).isInfinite)
    guard
      case .malformedTensor(let fault) = try JSONReader.read(
        Array("[\(text)]".utf8), tensorsAt: { _ in true })
    else { throw NoTensor() }
    #expect(fault.code == "number_too_large")
  }

  @Test(
    "20,000 random decimals outside tensors are bit-equal to strtod", arguments: [4] as [UInt64])
  func randomDoubles(seed: UInt64) throws {
    var generator = SeededRandom(seed: Int(truncatingIfNeeded: seed))
    let texts = (0..<20_000).map { _ in randomDecimal(&generator) }
    let bytes = Array("[\(texts.joined(separator: ","))]".utf8)
    guard case .array(let values) = try JSONReader.read(bytes) else { throw NoTensor() }
    try #require(values.count == texts.count)
    for (text, value) in zip(texts, values) {
      // What is written as a whole number and fits is an integer, and exact.
      guard case .number(let number) = value else { continue }
      let expected = strtod(text, nil)
      if number.bitPattern != expected.bitPattern {
        Issue.record("\(text) was read as \(number), but is \(expected)")
      }
    }
  }

  /// Up to 40 digits, with or without a fraction and an exponent.
  private func randomDecimal(_ generator: inout SeededRandom) -> String {
    let count = Int.random(in: 1...(Bool.random(using: &generator) ? 10 : 40), using: &generator)
    var digits = (0..<count).map { _ in String(Int.random(in: 0...9, using: &generator)) }
    let point = Int.random(in: 1...min(count, 38), using: &generator)
    while digits[0] == "0", point > 1 {
      digits[0] = String(Int.random(in: 1...9, using: &generator))
    }
    var text = Bool.random(using: &generator) ? "-" : ""
    text += digits[..<point].joined()
    if point < count { text += "." + digits[point...].joined() }
    guard Bool.random(using: &generator) else { return text }
    let exponent = Int.random(in: -60...max(-59, 37 - point), using: &generator)
    return text + ["e", "E"][exponent & 1] + (exponent > 0 && exponent % 3 == 0 ? "+" : "")
      + String(exponent)
  }

  private func check(_ texts: [String]) throws {
    let floats = try readFloats(texts)
    try #require(floats.count == texts.count)
    for (text, float) in zip(texts, floats) {
      let expected = strtof(text, nil)
      if float.bitPattern != expected.bitPattern {
        Issue.record("\(text) was read as \(float), but is \(expected)")
      }
    }
  }

  private func readFloats(_ texts: [String]) throws -> [Float] {
    let bytes = Array("[\(texts.joined(separator: ","))]".utf8)
    guard case .tensor(let tensor) = try JSONReader.read(bytes, tensorsAt: { _ in true }) else {
      throw NoTensor()
    }
    return tensor.elements
  }

  private struct NoTensor: Error {}
}
