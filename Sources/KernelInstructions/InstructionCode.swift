/// An ``InstructionList`` as the kernels read it: copies of its lists in memory of their own, so that
/// going down them counts no references.
// Nothing changes the lists after they have been made.
@safe package final class InstructionCode: @unchecked Sendable {
  package let steps: UnsafeBufferPointer<InstructionList.Step>
  package let products: UnsafeBufferPointer<Product>
  package let columnSums: UnsafeBufferPointer<InstructionList.ColumnSums>
  package let losses: UnsafeBufferPointer<LossInstruction>
  package let others: UnsafeBufferPointer<Instruction>

  /// Copies the lists.
  package init(_ list: InstructionList) {
    unsafe steps = InstructionCode.copy(list.steps)
    unsafe products = InstructionCode.copy(list.products)
    unsafe columnSums = InstructionCode.copy(list.columnSums)
    unsafe losses = InstructionCode.copy(list.losses)
    unsafe others = InstructionCode.copy(list.others)
  }

  deinit {
    unsafe steps.deallocate()
    unsafe products.deallocate()
    unsafe columnSums.deallocate()
    unsafe losses.deallocate()
    unsafe others.deallocate()
  }

  /// The elements hold numbers only, so nothing needs to be destroyed.
  private static func copy<Element: BitwiseCopyable>(
    _ elements: [Element]
  ) -> UnsafeBufferPointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = unsafe copy.initialize(from: elements)
    return UnsafeBufferPointer(copy)
  }
}
