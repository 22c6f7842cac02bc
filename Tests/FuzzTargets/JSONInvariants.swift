import Foundation
import Interchange
import NeuralNetwork

private typealias Reading = Result<JSONValue, JSONError>

private let limits = JSONLimits(
  depthMax: 12, membersMax: 8, stringBytesMax: 40, numberBytesMax: 40, valuesMax: 60,
  tensorDepthMax: 3)

/// Documents are read as Foundation reads them, written so that they read the same again, and
/// tensors hold the numbers that stand there.
func checkJSON(_ input: [UInt8]) throws(BrokenInvariant) {
  let plain = try readEveryWay(input) { _ in false }
  let withTensors = try readEveryWay(input) {
    $0.elements.last == .member("t") || $0.count == 0
  }
  try checkAgainstFoundation(plain, input)
  switch (plain, withTensors) {
  case (.success(let plain), .success(let value)):
    try checkEqual(plain, value)
    try checkWritten(plain) { _ in false }
    try checkWritten(value) { $0.elements.last == .member("t") || $0.count == 0 }
  case (.success, .failure(let error)):
    throw BrokenInvariant(description: "only a document without tensors is accepted: \(error)")
  case (.failure(let error), _) where error.isBroken:
    try require(withTensors == plain, "\(error) without tensors, \(withTensors) with them")
  case (.failure, .failure), (.failure, .success):
    // Entries of tensors do not count among values, and may be too large for a number.
    break
  }
}

/// Reads the input as a whole and in pieces; every way of cutting gives one value or error.
private func readEveryWay(
  _ input: [UInt8], tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
) throws(BrokenInvariant) -> Reading {
  let whole = read(input, tensorsAt: isTensor)
  for pieces in Cuts.all(of: input) {
    let cut = read(pieces, tensorsAt: isTensor)
    try require(isSame(cut, whole), "whole \(whole), in pieces \(cut)")
  }
  return whole
}

/// Equal texts are more than equal values: Swift calls different spellings of a letter equal.
private func isSame(_ left: Reading, _ right: Reading) -> Bool {
  guard case .success(let leftValue) = left, case .success(let rightValue) = right else {
    return left == right
  }
  return leftValue == rightValue && JSONWriter.write(leftValue) == JSONWriter.write(rightValue)
}

private func read(
  _ pieces: [ArraySlice<UInt8>], tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
) -> Reading {
  var reader = JSONPieceReader(limits: limits, tensorsAt: isTensor)
  // What comes after an error changes nothing, and the end says it once more.
  for piece in pieces { try? reader.consume(Array(piece)) }
  do throws(JSONError) {
    return .success(try reader.finish())
  } catch {
    return .failure(error)
  }
}

private func read(
  _ bytes: [UInt8], tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
) -> Reading {
  do throws(JSONError) {
    return .success(try JSONReader.read(bytes, limits: limits, tensorsAt: isTensor))
  } catch {
    return .failure(error)
  }
}

/// What we take is JSON for Foundation too, and what we call broken is not.
///
/// Foundation also takes other encodings than UTF-8, which it tells by zeros and byte order marks,
/// and a comma after the last entry.
private func checkAgainstFoundation(
  _ reading: Reading, _ input: [UInt8]
) throws(BrokenInvariant) {
  let mayBeOtherEncoding = input.contains(0) || [0xEF, 0xFE, 0xFF].contains(input.first)
  let isAccepted =
    (try? JSONSerialization.jsonObject(with: Data(input), options: .fragmentsAllowed)) != nil
  switch reading {
  case .success(let value):
    try require(isAccepted, "Foundation does not accept \(value)")
  case .failure(let error) where error.isBroken:
    let mayBeExtraComma: Bool =
      switch error.problem {
      case .unexpected(let found, .value): found == UInt8(ascii: "]")
      case .unexpected(let found, .memberName): found == UInt8(ascii: "}")
      default: false
      }
    try require(
      !isAccepted || mayBeOtherEncoding || mayBeExtraComma, "Foundation accepts what is \(error)")
  case .failure: break
  }
}

/// Text written of a value reads as the value again, in both layouts.
private func checkWritten(
  _ value: JSONValue, tensorsAt isTensor: @escaping @Sendable (JSONPath) -> Bool
) throws(BrokenInvariant) {
  let written = JSONWriter.write(value)
  for layout in [JSONWriter.Layout.compact, .pretty] {
    let again: JSONValue
    do throws(JSONError) {
      again = try JSONReader.read(
        JSONWriter.write(value, layout: layout), limits: .none, tensorsAt: isTensor)
    } catch {
      throw BrokenInvariant(description: "\(value), written, is \(error)")
    }
    // What is no tensor is written as null.
    try require(
      again == value || value.hasTensors, "\(value), written, reads \(again)")
    try require(JSONWriter.write(again) == written, "\(value), written, reads \(again)")
  }
}

/// The same values, but for tensors: these hold the 32-bit floats nearest to the numbers.
private func checkEqual(_ plain: JSONValue, _ value: JSONValue) throws(BrokenInvariant) {
  switch (plain, value) {
  case (_, .tensor(let tensor)):
    var elements = tensor.elements[...]
    try checkTensor(plain, shape: tensor.shape[...], &elements)
  case (.array, .malformedTensor): break
  case (.array(let plainEntries), .array(let entries)):
    try require(plainEntries.count == entries.count, "\(plain) is \(value)")
    for (plain, value) in zip(plainEntries, entries) { try checkEqual(plain, value) }
  case (.object(let plainMembers), .object(let members)):
    try require(plainMembers.map(\.name) == members.map(\.name), "\(plain) is \(value)")
    for (plain, member) in zip(plainMembers, members) { try checkEqual(plain.value, member.value) }
  default: try require(plain == value, "\(plain) is \(value)")
  }
}

private func checkTensor(
  _ plain: JSONValue, shape: ArraySlice<Int>, _ elements: inout ArraySlice<Float>
) throws(BrokenInvariant) {
  switch plain {
  case .array(let entries):
    try require(shape.first == entries.count, "\(plain) has shape \(shape)")
    for entry in entries { try checkTensor(entry, shape: shape.dropFirst(), &elements) }
  case .integer(let integer): try checkElement(Double(integer), elements.popFirst())
  case .number(let number): try checkElement(number, elements.popFirst())
  case .null, .bool, .string, .object, .tensor, .malformedTensor:
    throw BrokenInvariant(description: "a tensor holds \(plain)")
  }
}

/// Rounding twice may go astray by one unit in the last place.
private func checkElement(_ number: Double, _ element: Float?) throws(BrokenInvariant) {
  let nearest = Float(number)
  let isNear = element.map { nearest.nextDown...nearest.nextUp ~= $0 }
  try require(isNear == true, "\(number) is \(element.debugDescription)")
}

extension JSONValue {
  fileprivate var hasTensors: Bool {
    switch self {
    case .tensor, .malformedTensor: true
    case .array(let entries): entries.contains(where: \.hasTensors)
    case .object(let members): members.contains { $0.value.hasTensors }
    case .null, .bool, .integer, .number, .string: false
    }
  }
}
