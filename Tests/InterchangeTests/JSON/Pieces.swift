import Interchange
import NeuralNetwork
import Testing

/// The value of a document that comes in pieces, or its error.
typealias Outcome = Result<JSONValue, JSONError>

/// Reads a document that is cut at the given places.
func read(
  _ bytes: [UInt8], cutAt cuts: [Int], limits: JSONLimits = JSONLimits(),
  tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool = { _ in false }
) -> Outcome {
  var reader = JSONPieceReader(limits: limits, tensorsAt: isTensor)
  do throws(JSONError) {
    var start = 0
    for end in cuts + [bytes.count] {
      try reader.consume(bytes.span.extracting(start..<end))
      start = end
    }
    return .success(try reader.finish())
  } catch {
    return .failure(error)
  }
}

/// Reads a document whole, byte by byte, and in two pieces for every place to cut it at.
///
/// - Returns: The outcome, which all ways have in common: that is expected here.
func readInEveryWay(
  _ bytes: [UInt8], limits: JSONLimits = JSONLimits(),
  tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool = { _ in false }
) -> Outcome {
  let whole = read(bytes, cutAt: [], limits: limits, tensorsAt: isTensor)
  let text = String(decoding: bytes.prefix(100), as: UTF8.self)
  let single = read(bytes, cutAt: Array(bytes.indices), limits: limits, tensorsAt: isTensor)
  #expect(single == whole, "\(text) byte by byte")
  // Of a long document, about a thousand places.
  for cut in stride(from: 0, through: bytes.count, by: 1 + bytes.count / 1_000) {
    let cutOnce = read(bytes, cutAt: [cut], limits: limits, tensorsAt: isTensor)
    #expect(cutOnce == whole, "\(text) cut at byte \(cut)")
  }
  return whole
}
