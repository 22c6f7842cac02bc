/// How much of each kind a document may hold before it is refused.
///
/// The size of the document itself is limited where its bytes are received.
package struct JSONLimits: Hashable, Sendable {
  /// The most arrays and objects open at once; 64.
  package var depthMax: Int

  /// The most members of one object; 10,000.
  package var membersMax: Int

  /// The most bytes of one string in UTF-8, after its escapes are undone; 1 MiB.
  package var stringBytesMax: Int

  /// The most bytes that one number is written with; 1,024.
  package var numberBytesMax: Int

  /// The most values in the document, entries of tensors not counted; 1,000,000.
  ///
  /// A value takes some 50 bytes of memory, but perhaps only two in the document.
  package var valuesMax: Int

  /// The most dimensions of a tensor; 8.
  package var tensorDepthMax: Int

  /// For what this program wrote itself, which no limit of a client's shall make unreadable.
  package static let none = JSONLimits(
    depthMax: 64, membersMax: .max, stringBytesMax: .max, numberBytesMax: .max, valuesMax: .max)

  /// Makes limits; whatever is left out has its default.
  package init(
    depthMax: Int = 64, membersMax: Int = 10_000, stringBytesMax: Int = 1 << 20,
    numberBytesMax: Int = 1_024, valuesMax: Int = 1_000_000, tensorDepthMax: Int = 8
  ) {
    self.depthMax = depthMax
    self.membersMax = membersMax
    self.stringBytesMax = stringBytesMax
    self.numberBytesMax = numberBytesMax
    self.valuesMax = valuesMax
    self.tensorDepthMax = tensorDepthMax
  }
}
