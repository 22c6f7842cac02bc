/// A request for a job whose samples fill a body of a given length.
struct BulkBody {
  enum Framing: String, CaseIterable {
    case length = "by length"
    case chunked
  }

  private static let features = 100
  private static let prefix = Array(
    """
    {"network": {"operators": {"1": {"type": "linear", "out_features": 1}}, \
    "connectivity": {"1": []}}, "training": {"epochs": 1, "batch_size": 1000}, \
    "dataset": {"train": {"inputs": [
    """.utf8)
  private static let middle = Array(#"], "targets": ["#.utf8)
  private static let suffix = Array("]}}}".utf8)

  /// The document, with spaces after it up to the length.
  let text: [UInt8]
  /// Numbers of all samples.
  let numbers: Int

  /// Makes a body of so many bytes, some thousands at least.
  init(bytes: Int) {
    let row = Array(
      ("[0.123456" + String(repeating: ",0.123456", count: Self.features - 1) + "],").utf8)
    let target = Array("[0.5],".utf8)
    let around = Self.prefix.count + Self.middle.count + Self.suffix.count
    let rows = max(1, (bytes - around) / (row.count + target.count))
    var text: [UInt8] = []
    text.reserveCapacity(bytes)
    text += Self.prefix
    for _ in 0..<rows { text += row }
    text.removeLast()
    text += Self.middle
    for _ in 0..<rows { text += target }
    text.removeLast()
    text += Self.suffix
    text += [UInt8](repeating: UInt8(ascii: " "), count: max(0, bytes - text.count))
    self.text = text
    numbers = rows * (Self.features + 1)
  }

  /// The request with its body.
  func request(_ framing: Framing) -> Request {
    switch framing {
    case .length: Request("POST", "/jobs", body: text)
    case .chunked: Request(chunkedTo: "/jobs", text)
    }
  }
}
