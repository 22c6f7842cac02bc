import Testing

@testable import ContentCoding

/// Text that compresses as JSON does, about three times.
private func sample(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Array("0123456789,.[]".utf8)[Int(state >> 33) % 14]
  }
}

@Suite("Decoding bodies")
struct ContentDecoderTests {
  @Test(
    "what was encoded comes out again, in whatever pieces it comes",
    arguments: BodyCoding.allCases, [1, 7, 4096, 1 << 20])
  func roundTrip(coding: BodyCoding, pieceBytes: Int) throws {
    for count in [0, 1, 65_535, 65_536, 65_537, 200_000] {
      let bytes = sample(count)
      let encoded = try #require(coding.encode(bytes))
      let decoder = ContentDecoder(coding, bytesMax: count)
      var output: [UInt8] = []
      var rest = encoded[...]
      while !rest.isEmpty {
        try decoder.consume(rest.prefix(pieceBytes), into: &output)
        rest = rest.dropFirst(pieceBytes)
      }
      try decoder.finish()
      #expect(output == bytes, "\(count) bytes")
    }
  }

  /// `printf abc | gzip -n` and Python's `zlib.compress(b"abc")`.
  private static let known: [(BodyCoding, [UInt8])] = [
    (
      .gzip,
      [
        0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B, 0x4C, 0x4A, 6, 0, 0xC2, 0x41, 0x24, 0x35, 3, 0, 0,
        0,
      ]
    ),
    (.deflate, [0x78, 0x9C, 0x4B, 0x4C, 0x4A, 6, 0, 2, 0x4D, 1, 0x27]),
  ]

  @Test("what other programs encoded is read, and deflate is the zlib format", arguments: known)
  func otherPrograms(coding: BodyCoding, bytes: [UInt8]) throws {
    #expect(try ContentDecoder.decode(bytes, coding, bytesMax: 3) == Array("abc".utf8))
  }

  @Test("several gzip members are one body")
  func members() throws {
    let member = Self.known[0].1
    #expect(
      try ContentDecoder.decode(member + member, .gzip, bytesMax: 6) == Array("abcabc".utf8))
  }

  @Test("a body that is cut short anywhere is refused", arguments: known)
  func truncated(coding: BodyCoding, bytes: [UInt8]) {
    for count in bytes.indices {
      #expect(throws: ContentCodingError.truncated(coding), "\(count) bytes") {
        try ContentDecoder.decode(Array(bytes.prefix(count)), coding, bytesMax: 3)
      }
    }
  }

  @Test("bytes behind the end are refused", arguments: known)
  func trailing(coding: BodyCoding, bytes: [UInt8]) {
    for tail in [[0, 0], [0x1F, 0x8C], Array("{}".utf8)] as [[UInt8]] {
      #expect(throws: ContentCodingError.malformed(coding), "\(tail)") {
        try ContentDecoder.decode(bytes + tail, coding, bytesMax: 100)
      }
    }
  }

  @Test("a wrong checksum, another format and plain JSON are refused")
  func malformed() {
    for (coding, bytes) in Self.known {
      var damaged = bytes
      damaged[bytes.count - (coding == .gzip ? 8 : 4)] ^= 1
      #expect(throws: ContentCodingError.malformed(coding)) {
        try ContentDecoder.decode(damaged, coding, bytesMax: 100)
      }
      #expect(throws: ContentCodingError.malformed(coding)) {
        try ContentDecoder.decode(Array("{\"a\": 1}".utf8), coding, bytesMax: 100)
      }
    }
    #expect(throws: ContentCodingError.malformed(.gzip)) {
      try ContentDecoder.decode(Self.known[1].1, .gzip, bytesMax: 100)
    }
  }

  @Test("the decoded size is bounded", arguments: BodyCoding.allCases)
  func size(coding: BodyCoding) throws {
    let bytes = sample(100_000)
    let encoded = try #require(coding.encode(bytes))
    for (max, isRead) in [(99_999, false), (100_000, true), (100_001, true)] {
      if isRead {
        #expect(try ContentDecoder.decode(encoded, coding, bytesMax: max) == bytes)
      } else {
        #expect(throws: ContentCodingError.tooLarge(bytesMax: max)) {
          try ContentDecoder.decode(encoded, coding, bytesMax: max)
        }
      }
    }
  }

  @Test("a bomb is refused by its ratio before it has grown, a short one is harmless")
  func ratio() throws {
    let bomb = try #require(BodyCoding.gzip.encode([UInt8](repeating: 0x20, count: 50 << 20)))
    var output: [UInt8] = []
    let decoder = ContentDecoder(.gzip, bytesMax: .max)
    #expect(throws: ContentCodingError.ratio(max: ContentDecoder.ratioMax)) {
      try decoder.consume(bomb[...], into: &output)
    }
    #expect(output.count <= 2 * 64 * 1024)
    let short = [UInt8](repeating: 0x20, count: ContentDecoder.ratioFreeBytes)
    let encoded = try #require(BodyCoding.gzip.encode(short))
    #expect(encoded.count * ContentDecoder.ratioMax < short.count)
    #expect(try ContentDecoder.decode(encoded, .gzip, bytesMax: .max) == short)
  }

  @Test("nothing can be decoded after a fault")
  func afterFault() {
    let decoder = ContentDecoder(.gzip, bytesMax: 100)
    var output: [UInt8] = []
    for _ in 0..<2 {
      #expect(throws: ContentCodingError.malformed(.gzip)) {
        try decoder.consume([0, 0], into: &output)
      }
    }
  }

  @Test(
    "Content-Encoding names one coding that is known, or none",
    arguments: [
      ([], nil), (["identity"], nil), (["gzip"], .gzip), (["GZip"], .gzip), (["x-gzip"], .gzip),
      (["deflate"], .deflate),
    ] as [([String], BodyCoding?)])
  func names(elements: [String], coding: BodyCoding?) throws {
    #expect(try BodyCoding.named(by: elements) == coding)
  }

  @Test(
    "other codings and several are refused by name",
    arguments: [["br"], ["gzip", "gzip"], ["identity", "gzip"], ["gzip;q=1"]])
  func otherNames(elements: [String]) {
    let name = elements.joined(separator: ", ")
    let error = #expect(throws: ContentCodingError.unsupported(name)) {
      try BodyCoding.named(by: elements)
    }
    #expect(
      error?.description
        == "The body is encoded as \(name); it may be gzip, deflate or not encoded")
  }

  @Test("faults of the coding are told in a sentence")
  func messages() {
    let expected: [(ContentCodingError, String, String)] = [
      (
        .malformed(.gzip), "malformed_content_coding",
        "The body is not in the gzip format (RFC 1952)"
      ),
      (
        .malformed(.deflate), "malformed_content_coding",
        "The body is not in the zlib format (RFC 1950), which deflate means in HTTP; deflate data"
          + " without its header is not taken"
      ),
      (
        .truncated(.deflate), "malformed_content_coding",
        "The body ends before its deflate data does"
      ),
      (.tooLarge(bytesMax: 7), "body_too_large", "The decoded body has more than 7 bytes"),
      (
        .ratio(max: 200), "compression_ratio_exceeded",
        "The decoded body has more than 200 times the bytes that were sent; send it as it is"
      ),
    ]
    for (error, code, text) in expected {
      #expect(error.code == code)
      #expect(error.description == text)
    }
  }
}
