import Access
import ArgumentParser
import Foundation
import HTTPCore
import HTTPServer
import JobStorage
import Jobs
import Kernels
import Logging
import TrainingAPI
import TrainingJobs

/// The command `descent serve`.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves the HTTP interface and trains what is posted.",
    discussion: """
      Prints one line with its address, http://HOST:PORT, when it is ready. SIGTERM and SIGINT end \
      it: requests in work are answered, running jobs are queued again for the next start.
      """)

  @Option(help: "The address to listen on. (environment: DESCENT_HOST; default: 127.0.0.1)")
  var host: String?

  @Option(
    help: "The port; 0 picks a free one. (environment: DESCENT_PORT; default: 8080)")
  var port: UInt16?

  @Option(
    help: "The folder that keeps jobs. (environment: DESCENT_DATA; default: ./descent-data)")
  var data: String?

  @Option(
    help: ArgumentHelp(
      """
      The keys that requests need. (environment: DESCENT_KEYS; default: keys.json in the data \
      folder, if it is there; on other than loopback addresses it is made)
      """, valueName: "file"))
  var keys: String?

  @Flag(help: "Let everyone who reaches the server do everything, without a key.")
  var insecure = false

  @Option(
    help: ArgumentHelp(
      "Days after which ended jobs are forgotten. (default: never)", valueName: "days"))
  var keepDays: Int?

  @Option(help: "Jobs trained at once. (default: the number of cores)")
  var workers: Int?

  @Option(help: "The most threads of one job. (default: the number of cores)")
  var threads: Int?

  @Option(
    help: ArgumentHelp("A limit of the HTTP server; may be repeated.", valueName: "name=number"))
  var limit: [String] = []

  @Option(
    help: "The file that each answer is logged to, - for standard error. (default: none)")
  var accessLog: String?

  @Option(help: "How the access log is written: json or combined.")
  var accessLogFormat: AccessLogFormat = .json

  func validate() throws {
    _ = try httpLimits()
    if insecure, keys != nil {
      throw ValidationError("--insecure does without keys, so --keys cannot be given with it")
    }
    if let keepDays, !(0...36_500).contains(keepDays) {
      throw ValidationError("--keep-days must be from 0 to 36500, but is \(keepDays)")
    }
    for case (let name, let count?) in [("workers", workers), ("threads", threads)]
    where !(1...1_024).contains(count) {
      throw ValidationError("--\(name) must be from 1 to 1024, but is \(count)")
    }
  }

  private func httpLimits() throws -> HTTPLimits {
    var limits = HTTPLimits()
    do {
      for setting in limit { try limits.set(setting) }
    } catch {
      throw ValidationError(error.description)
    }
    return limits
  }

  func run() async throws {
    // Before anything else: whoever rotates logs may be quick.
    signal(SIGHUP, SIG_IGN)
    try checkProcessor()
    let host = host ?? Environment.text("DESCENT_HOST") ?? "127.0.0.1"
    let port = try port ?? Environment.port() ?? 8080
    let path = data ?? Environment.dataFolder
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let workers = workers ?? cores
    LoggingSystem.bootstrap(StreamLogHandler.standardError)
    let logger = Logger(label: "descent")
    let signals = StopSignals()
    let folder: DataFolder
    do {
      folder = try DataFolder.open(path)
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
    let live = LiveTrainings(workers: workers)
    var settings = JobManager.Settings()
    settings.keepsEndedJobs = keepDays.map { .seconds(86_400) * $0 }
    let manager = JobManager(
      store: folder.jobs, blobs: folder.blobs,
      runner: TrainingJobRunner(
        live: live, threads: ThreadPool(threads: cores, teamSizeMax: threads)),
      workers: workers, settings: settings
    ) { notice in
      logger.log(level: notice.isWarning ? .warning : .info, "\(notice)")
    }
    let accessLog = try openAccessLog()
    let numbers = ServerNumbers(accessLog: accessLog)
    let configuration = ServerConfiguration(
      host: host, port: port, limits: try httpLimits())
    let keys = try serverKeys(folder: path, configuration, logger)
    let hangUp = HangUpSignal {
      keys?.reload()
      // Last, since a log that is stuck takes its time.
      accessLog.map { reopen($0, logger) }
    }
    var service = APIService(
      manager: manager, live: live, keys: keys?.keys, limits: configuration.limits
    ) { signals.isStopping }
    service.metrics = { numbers.families }
    let server = Server(
      configuration: configuration, router: service.router(),
      failureResponse: APIService.response(to:), logger: logger, admit: service.admission,
      onAnswer: accessLog.map(appending(to:)))
    numbers.tell(of: server)
    // The address first: a job that began before the program had to give up would count as crashed.
    let address = try listen(server)
    let keyWatch = keys?.follow()
    try keys?.complete(at: address)
    try await start(manager)
    try writeOutput(Array("http://\(address)\n".utf8), to: "-")
    let sweep = Task { await sweepBlobs(folder, logger) }
    await signals.wait()
    sweep.cancel()
    logger.info("stopping")
    await stop(server, manager)
    await folder.close()
    accessLog?.flush()
    withExtendedLifetime((hangUp, keyWatch)) {}
  }

  private func openAccessLog() throws -> AccessLog? {
    guard let path = accessLog else { return nil }
    do {
      return try AccessLog(path: path == "-" ? nil : path, format: accessLogFormat)
    } catch {
      throw failure(ExitStatus.cannotWrite, error.description)
    }
  }

  private func serverKeys(
    folder: String, _ configuration: ServerConfiguration, _ logger: Logger
  ) throws -> ServerKeys? {
    let fromEnvironment = Environment.text("DESCENT_KEYS")
    guard insecure else {
      return try ServerKeys(
        keys ?? fromEnvironment, folder: folder, isLoopback: configuration.isLoopback, logger)
    }
    if let fromEnvironment {
      logger.warning("--insecure: the keys of DESCENT_KEYS, \(fromEnvironment), are not used")
    }
    logger.warning(
      "--insecure: everyone who reaches this address can read, submit and delete all jobs")
    return nil
  }

  private func start(_ manager: JobManager) async throws {
    do {
      try await manager.start()
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
  }

  private func listen(_ server: Server) throws -> ServerAddress {
    do {
      return try server.start()
    } catch {
      throw failure(ExitStatus.unavailable, error.description)
    }
  }

  /// Removes files that no job refers to, now and then, until the task is cancelled.
  private func sweepBlobs(_ folder: DataFolder, _ logger: Logger) async {
    repeat {
      do {
        let removed = try await folder.sweepBlobs()
        if removed > 0 { logger.info("removed \(removed) files that no job refers to") }
      } catch {
        logger.warning("files that no job refers to could not be removed: \(error)")
      }
    } while (try? await Task.sleep(for: .seconds(600))) != nil
  }

  /// Lets requests in work end, with those that wait for a job answered as soon as the running jobs
  /// have stopped.
  private func stop(_ server: Server, _ manager: JobManager) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await server.drain() }
      group.addTask {
        // New requests come until the listener closes; they still find a manager.
        try? await Task.sleep(for: .seconds(1))
        await manager.shutdown()
      }
    }
  }
}

extension AccessLogFormat: ExpressibleByArgument {}

private func appending(to log: AccessLog) -> @Sendable (ExchangeRecord) -> Void {
  { record in log.append(record) }
}

/// Opens the log again; if that fails it goes on into the old file.
private func reopen(_ log: AccessLog, _ logger: Logger) {
  do {
    try log.reopen()
  } catch {
    logger.warning("\(error)")
  }
}
