internal import KernelInstructions
internal import KernelsV3

#if arch(x86_64)
internal import KernelsV4
#endif

/// The same kernels compiled for one level of processor.
///
/// All sets give the same bits.
package enum KernelSet: String, CaseIterable, Sendable {
  /// Vectors of 8: AVX2 and FMA on x86-64 (level v3), or what arm64 always has.
  case v3
  #if arch(x86_64)
  /// Vectors of 16: AVX-512 (level v4).
  case v4
  #endif

  /// The widest set that this processor can run.
  package static let best: KernelSet = {
    #if arch(x86_64)
    return Processor.lacks(Processor.v4Flags).isEmpty ? .v4 : .v3
    #else
    return .v3
    #endif
  }()

  /// The sets that this processor can run.
  package static var available: [KernelSet] {
    #if arch(x86_64)
    return best == .v4 ? [.v3, .v4] : [.v3]
    #else
    return [.v3]
    #endif
  }

  /// Runs a share of a program; see `run` of the sets.
  func run(
    _ code: InstructionCode, in memory: UnsafeMutablePointer<Float>,
    workspace: Int, share: Int, of shares: Int, waitForOthers: () -> Void
  ) {
    switch self {
    case .v3:
      unsafe KernelsV3.run(
        code, in: memory, workspace: workspace, share: share, of: shares,
        waitForOthers: waitForOthers)
    #if arch(x86_64)
    case .v4:
      unsafe KernelsV4.run(
        code, in: memory, workspace: workspace, share: share, of: shares,
        waitForOthers: waitForOthers)
    #endif
    }
  }
}
