internal import Synchronization

/// Decodes a body piece by piece, never into more than is allowed.
///
/// A class, because it owns a stream of zlib's; safe from every thread, though pieces make sense in
/// their order only.
package final class ContentDecoder: Sendable {
  /// How many times as many bytes may come out as went in; honest JSON stays far below.
  package static let ratioMax = 200

  /// Bytes up to which the ratio is not looked at: as short a body harms nobody.
  package static let ratioFreeBytes = 64 * 1024

  private let coding: BodyCoding
  private let bytesMax: Int
  private let inflater: Mutex<Inflater>

  /// Begins to decode.
  ///
  /// - Parameters:
  ///   - coding: What the bytes are encoded in.
  ///   - bytesMax: The most bytes that may come out.
  package init(_ coding: BodyCoding, bytesMax: Int) {
    self.coding = coding
    self.bytesMax = bytesMax
    inflater = Mutex(Inflater(coding))
  }

  /// Decodes the next bytes and appends what comes out.
  ///
  /// - Throws: ``ContentCodingError/malformed(_:)``, ``ContentCodingError/tooLarge(bytesMax:)`` or
  ///   ``ContentCodingError/ratio(max:)``; nothing can be decoded afterwards.
  package func consume(
    _ bytes: ArraySlice<UInt8>, into output: inout [UInt8]
  ) throws(ContentCodingError) {
    try inflater.withLock { inflater throws(ContentCodingError) in
      var rest = bytes
      var step: Inflater.Step
      repeat {
        step = inflater.step(&rest, into: &output)
        guard step != .malformed else { throw .malformed(coding) }
        guard inflater.bytesOut <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
        guard
          inflater.bytesOut <= Self.ratioFreeBytes
            || inflater.bytesOut <= inflater.bytesIn * Self.ratioMax
        else { throw .ratio(max: Self.ratioMax) }
      } while step == .goesOn
    }
  }

  /// Tells that no further bytes come.
  ///
  /// - Throws: ``ContentCodingError/truncated(_:)`` if some are missing.
  package func finish() throws(ContentCodingError) {
    guard inflater.withLock({ $0.isAtEnd }) else { throw .truncated(coding) }
  }

  /// Decodes a body that is there as a whole.
  ///
  /// - Throws: What ``consume(_:into:)`` and ``finish()`` throw.
  package static func decode(
    _ bytes: [UInt8], _ coding: BodyCoding, bytesMax: Int
  ) throws(ContentCodingError) -> [UInt8] {
    let decoder = ContentDecoder(coding, bytesMax: bytesMax)
    var output: [UInt8] = []
    try decoder.consume(bytes[...], into: &output)
    try decoder.finish()
    return output
  }
}
