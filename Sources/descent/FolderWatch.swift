import Foundation

/// Tells when a file in a folder was written, moved or removed, by inotify(7): a program that waits so
/// wakes up for nothing else.
///
/// It watches as long as the value is kept. File systems of other machines do not tell everything.
final class FolderWatch: Sendable {
  private let notices: FileHandle

  /// Begins to watch; nil if the system does not let it.
  ///
  /// - Parameters:
  ///   - folder: A folder that is there.
  ///   - handler: Called on a queue of its own after each change, one call at a time.
  init?(_ folder: String, _ handler: @escaping @Sendable () -> Void) {
    let descriptor = inotify_init1(O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    notices = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB
    guard inotify_add_watch(descriptor, folder, UInt32(changes)) >= 0 else { return nil }
    notices.readabilityHandler = { notices in
      // What has changed does not matter, only that something has.
      _ = notices.availableData
      handler()
    }
  }

  deinit { notices.readabilityHandler = nil }
}
