import Kernels

/// Refuses a processor on which the kernels would stop with an illegal instruction.
func checkProcessor() throws {
  let missing = Processor.lacks(Processor.v3Flags)
  if !missing.isEmpty {
    throw failure(
      ExitStatus.unavailable,
      "this processor is older than x86-64-v3: it lacks \(missing.joined(separator: ", "))")
  }
}
