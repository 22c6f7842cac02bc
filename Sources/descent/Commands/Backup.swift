import ArgumentParser
import JobStorage

/// The command `descent backup`.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies a data folder to an archive, while a server may work with it.",
    discussion: """
      The archive holds the jobs as they are at one moment, their files and the keys. To restore it, \
      extract it into an empty folder, tar --extract --file FILE --directory FOLDER, and start a \
      server with --data FOLDER.
      """)

  @Argument(help: ArgumentHelp("The archive; one that is there is replaced.", valueName: "file"))
  var file: String

  @Option(
    help: "The folder that keeps jobs. (environment: DESCENT_DATA; default: ./descent-data)")
  var data: String?

  func run() throws {
    do {
      let folder = try StoredFolder(data ?? Environment.dataFolder)
      let backup = try folder.backUp(to: file)
      say("\(file): \(backup.jobs) jobs and \(backup.blobs) files of \(folder.path)")
    } catch {
      throw failure(error.exitStatus, error.description)
    }
  }
}

extension StoredFolderError {
  fileprivate var exitStatus: ExitCode {
    switch self {
    case .missing, .store, .blob: ExitStatus.unavailable
    case .unwritable: ExitStatus.cannotWrite
    }
  }
}
