import ArgumentParser
import Foundation

/// Whether this machine can run the kernels.
enum Processor {
  /// What x86-64-v3 adds to the older levels, by the names that Linux gives.
  ///
  /// Source: the x86-64 psABI, section "Micro-Architecture Levels".
  private static let neededFlags = [
    "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave",
  ]

  /// Refuses a processor on which the kernels would stop with an illegal instruction.
  static func check() throws {
    #if arch(x86_64) && os(Linux)
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else {
      // Without the list there is nothing to judge by; a missing instruction ends the program.
      return
    }
    let flags = Set(line.split(separator: " ").map(String.init))
    let missing = neededFlags.filter { !flags.contains($0) }
    if !missing.isEmpty {
      throw failure(
        ExitStatus.unavailable,
        "this processor is older than x86-64-v3: it lacks \(missing.joined(separator: ", "))")
    }
    #endif
  }
}
