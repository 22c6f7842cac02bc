import Foundation

/// What the system tells of a process at one moment.
struct ProcessReading {
  /// Bytes of memory in use.
  let resident: Int
  /// The most bytes that were in use since the start or the last ``resetPeak(of:)``.
  let peak: Int
  /// Time on a processor in seconds.
  let processorTime: Double
  let descriptors: Int
  let threads: Int
  /// How often a thread that is still there has waited for something.
  let waits: Int

  /// Reads what stands below `/proc/PID`.
  ///
  /// - Throws: ``LoadError`` or an error of the file system if there is no such process.
  init(of process: Int32) throws {
    let folder = "/proc/\(process)"
    let status = try Self.text("\(folder)/status")
    resident = try Self.number("VmRSS", in: status) * 1024
    peak = try Self.number("VmHWM", in: status) * 1024
    // The name of the program, in brackets, may hold spaces.
    let fields = try Self.text("\(folder)/stat").split(separator: ")").last?.split(separator: " ")
    guard let fields, fields.count > 12, let user = Double(fields[11]),
      let system = Double(fields[12])
    else { throw LoadError("\(folder)/stat is not understood") }
    processorTime = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    descriptors = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/fd").count
    let tasks = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/task")
    threads = tasks.count
    waits = tasks.reduce(0) { sum, task in
      // A thread may end between the listing and the reading.
      let status = (try? Self.text("\(folder)/task/\(task)/status")) ?? ""
      return sum + ((try? Self.number("voluntary_ctxt_switches", in: status)) ?? 0)
    }
  }

  /// Makes the peak begin anew.
  static func resetPeak(of process: Int32) throws {
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(process)/clear_refs"))
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  private static func number(_ name: String, in status: String) throws -> Int {
    for line in status.split(separator: "\n") where line.hasPrefix("\(name):") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count > 1, let number = Int(words[1]) { return number }
    }
    throw LoadError("the system does not tell \(name)")
  }
}
