import ArgumentParser
import Glibc

/// Which server a scenario is for.
struct ServerOptions: ParsableArguments {
  @Option(help: "The program to start, descent.")
  var server: String?

  @Option(help: "The address of a server that runs already, http://127.0.0.1:PORT.")
  var address: String?

  @Option(help: "The process of the server that runs already.")
  var process: Int32?

  func validate() throws {
    guard (server != nil) != (address != nil && process != nil) else {
      throw ValidationError("name --server, or --address and --process")
    }
  }

  /// Gives the server, and this program as many descriptors as it may have.
  func open() throws -> ServerUnderTest {
    raiseDescriptorLimit()
    if let address, let process {
      return ServerUnderTest(address: try LoopbackAddress(url: address), process: process)
    }
    return try ServerUnderTest(program: server ?? "descent")
  }

  private func raiseDescriptorLimit() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    getrlimit(resource, &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
  }
}
