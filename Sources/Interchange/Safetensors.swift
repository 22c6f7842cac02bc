package import NeuralNetwork

/// Named tensors as bytes: the safetensors format.
///
/// Eight bytes with the length of the header, little endian; the header, a JSON object from each
/// name to `dtype`, `shape` and `data_offsets`, padded with spaces to a multiple of eight; then the
/// numbers, row by row, without a gap. Source: the format's description in
/// https://github.com/huggingface/safetensors.
package enum Safetensors {
  /// A tensor and its name.
  package struct Entry: Hashable, Sendable {
    package let name: String
    package let tensor: Tensor

    package init(_ name: String, _ tensor: Tensor) {
      self.name = name
      self.tensor = tensor
    }
  }

  /// Writes tensors in the given order, each as 32-bit floats.
  package static func write(_ entries: [Entry]) -> [UInt8] {
    var offset = 0
    var members: [JSONValue.Member] = []
    for entry in entries {
      let end = offset + 4 * entry.tensor.elements.count
      members.append(
        JSONValue.Member(
          entry.name,
          .object([
            JSONValue.Member("dtype", .string("F32")),
            JSONValue.Member("shape", .array(entry.tensor.shape.map { .integer($0) })),
            JSONValue.Member("data_offsets", .array([.integer(offset), .integer(end)])),
          ])))
      offset = end
    }
    var header = JSONWriter.write(.object(members))
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: header.count >> shift))
    }
    bytes += header
    for entry in entries {
      bytes.appendLittleEndian(entry.tensor.elements)
    }
    return bytes
  }

  /// Reads what ``write(_:)`` wrote, and any other file of 32-bit floats.
  ///
  /// - Parameter bytes: The whole file.
  /// - Returns: The tensors in the order of the header.
  /// - Throws: A ``SafetensorsError`` that says what is wrong with the bytes.
  package static func read(_ bytes: [UInt8]) throws(SafetensorsError) -> [Entry] {
    let headerEnd = try headerEnd(bytes)
    let header: JSONValue
    do {
      header = try JSONReader.read(Array(bytes[8..<headerEnd]), limits: .none)
    } catch {
      throw .header(error.description)
    }
    guard case .object(let members) = header else { throw .header("it is no object") }
    var entries: [Entry] = []
    for member in members where member.name != "__metadata__" {
      entries.append(try entry(member, data: bytes[headerEnd...]))
    }
    return entries
  }

  private static func headerEnd(_ bytes: [UInt8]) throws(SafetensorsError) -> Int {
    guard bytes.count >= 8 else { throw .tooShort(bytes: bytes.count) }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << (8 * $1) }
    guard length <= UInt64(bytes.count - 8) else { throw .tooShort(bytes: bytes.count) }
    return 8 + Int(length)
  }

  private static func entry(
    _ member: JSONValue.Member, data: ArraySlice<UInt8>
  ) throws(SafetensorsError) -> Entry {
    guard member.value["dtype"] == .string("F32") else { throw .notFloat32(name: member.name) }
    guard let shape = member.value["shape"]?.integers,
      let offsets = member.value["data_offsets"]?.integers, offsets.count == 2,
      shape.allSatisfy({ $0 >= 0 })
    else { throw .header("\(member.name) has no shape or no data_offsets") }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { throw .wrongLength(name: member.name) }
      count = product
    }
    guard offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= data.count,
      (offsets[1] - offsets[0]).quotientAndRemainder(dividingBy: 4) == (count, 0)
    else { throw .wrongLength(name: member.name) }
    let part = data[(data.startIndex + offsets[0])..<(data.startIndex + offsets[1])]
    return Entry(member.name, Tensor(shape: shape, elements: part.littleEndianFloats))
  }
}

/// Bytes are no safetensors file that can be read.
package enum SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  case tooShort(bytes: Int)
  case header(String)
  case notFloat32(name: String)
  case wrongLength(name: String)

  /// One sentence for people.
  package var description: String {
    switch self {
    case .tooShort(let bytes): "the file has \(bytes) bytes, fewer than its header needs"
    case .header(let problem): "the header cannot be read: \(problem)"
    case .notFloat32(let name): "tensor \(name) must be of dtype F32"
    case .wrongLength(let name):
      "tensor \(name) must have four bytes within the file for each number of its shape"
    }
  }
}

extension JSONValue {
  /// The numbers of an array of integers; nil for anything else.
  fileprivate var integers: [Int]? {
    guard case .array(let values) = self else { return nil }
    var integers: [Int] = []
    for value in values {
      guard case .integer(let integer) = value else { return nil }
      integers.append(integer)
    }
    return integers
  }
}
