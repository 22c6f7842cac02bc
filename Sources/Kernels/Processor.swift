#if canImport(Glibc)
internal import Glibc
#endif

/// What this machine's processor can do.
package enum Processor {
  /// What x86-64-v3 adds to the older levels, by the names that Linux gives.
  ///
  /// Source: the x86-64 psABI, section "Micro-Architecture Levels".
  package static let v3Flags = [
    "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave",
  ]

  /// What x86-64-v4 adds to v3.
  package static let v4Flags = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]

  /// The flags that the processor lacks.
  ///
  /// Without a list of the processor's own none counts as lacking of v3, which is all that there is
  /// then to run, and all of v4.
  package static func lacks(_ needed: [String]) -> [String] {
    guard let flags else { return needed == v3Flags ? [] : needed }
    return needed.filter { !flags.contains($0) }
  }

  /// The flags of the first processor, nil where the system has no such list.
  private static let flags: Set<String>? = {
    #if arch(x86_64) && os(Linux)
    guard let file = unsafe fopen("/proc/cpuinfo", "r") else { return nil }
    defer { unsafe _ = fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { unsafe free(line) }
    while unsafe getline(&line, &capacity, file) > 0, let text = unsafe line {
      let words = unsafe String(cString: text).split { $0 == " " || $0 == "\n" || $0 == "\t" }
      if words.first == "flags" { return Set(words.map(String.init)) }
    }
    #endif
    return nil
  }()
}
