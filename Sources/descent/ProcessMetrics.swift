import Foundation
import HTTPCore
import HTTPServer
import Synchronization

/// The numbers of this process that Linux keeps in `/proc`, under the names that Prometheus' client
/// libraries have made common.
enum ProcessMetrics {
  static var families: [MetricFamily] {
    let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    // What follows the name, which may hold blanks: the fields from the third on (proc(5)).
    let text = contents("/proc/self/stat")
    let stat = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
      .dropFirst()
    func field(_ number: Int) -> Double {
      let index = stat.startIndex + number - 3
      return index < stat.endIndex ? Double(stat[index]) ?? 0 : 0
    }
    // A folder that cannot be listed has no descriptors to tell.
    let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return [
      gauge(
        "process_start_time_seconds", "When the process started, in seconds since 1970.",
        bootTime + field(22) / ticks),
      gauge(
        "process_resident_memory_bytes", "Memory in use.",
        field(24) * Double(max(1, sysconf(Int32(_SC_PAGESIZE))))),
      gauge("process_open_fds", "Descriptors in use.", Double(descriptors.count)),
      gauge("process_threads", "Threads at present.", field(20)),
      MetricFamily(
        "process_cpu_seconds_total", .counter, "Processor time used, by the program and for it.",
        [.init([], (field(14) + field(15)) / ticks)]),
      MetricFamily(
        "descent_build_info", .gauge, "1, with the version as a label.",
        [.init([.init("version", Descent.version)], 1)]),
    ]
  }

  private static func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
    MetricFamily(name, .gauge, help, [.init([], value)])
  }

  /// Seconds from 1970 to the start of the machine.
  private static var bootTime: Double {
    let line = contents("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
    return line.flatMap { Double($0.dropFirst(6)) } ?? 0
  }

  private static func contents(_ path: String) -> String {
    // Where there is no such file every number is told as 0.
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}

/// Lets the routes, which the server is made of, tell the server's own numbers.
final class ServerNumbers: Sendable {
  private let server = Mutex<Server?>(nil)
  private let accessLog: AccessLog?

  init(accessLog: AccessLog?) {
    self.accessLog = accessLog
  }

  /// Takes the numbers from now on from a server.
  func tell(of server: Server) {
    self.server.withLock { $0 = server }
  }

  var families: [MetricFamily] {
    let lost = MetricFamily(
      "http_access_log_dropped_lines_total", .counter, "Lines of the access log that were lost.",
      accessLog?.droppedLines ?? 0)
    return (server.withLock { $0 }?.metricFamilies ?? []) + [lost] + ProcessMetrics.families
  }
}
