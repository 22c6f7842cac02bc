/// A JSON document as a value: what a client wrote, and what it is answered.
///
/// Members keep their order. Arrays of numbers at the places that the reader of the bytes was told
/// of are ``tensor(_:)``; everywhere else they are ``array(_:)``.
package indirect enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction and exponent that fits in 64 bits.
  case integer(Int)
  /// Any other number. Not finite is written as `null`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])
  /// Numbers in nested arrays of equal lengths.
  case tensor(Tensor)
  /// What stood at a tensor's place but is none, kept so that every fault can be told at once.
  case malformedTensor(TensorFault)

  /// One member of an object.
  package struct Member: Hashable, Sendable {
    package let name: String
    package let value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// Why an array is no tensor.
  package struct TensorFault: Hashable, Sendable {
    /// The indices that lead from the tensor to the entry at fault, outermost first.
    package let path: [Int]
    /// A stable code: `ragged_rows`, `not_a_number`, `number_too_large`, `too_deep`.
    package let code: String
    /// One sentence that names the entry and both sides of the mismatch.
    package let detail: String

    package init(path: [Int], code: String, detail: String) {
      self.path = path
      self.code = code
      self.detail = detail
    }
  }

  /// The member's value, or nil if this is no object or has no such member.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
}
