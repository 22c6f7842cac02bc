package import Jobs

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The file system of the machine.
package struct PosixFileSystem: FileSystem {
  /// Creates the file system; it has no state.
  package init() {}

  package func createFolder(_ path: String) throws(FileSystemError) {
    if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
      throw FileSystemError(path: path, errno: errno)
    }
    try createFolder(String(path[..<slash]))
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw FileSystemError(path: path, errno: errno)
    }
  }

  package func writeNewFile(_ bytes: [UInt8], to path: String) throws(FileSystemError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileSystemError(path: path, errno: errno) }
    var failure = writeAll(bytes, to: descriptor)
    if failure == 0, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == 0 { failure = errno }
    if failure != 0 { throw FileSystemError(path: path, errno: failure) }
  }

  package func rename(_ path: String, to newPath: String) throws(FileSystemError) {
    #if canImport(Glibc)
    let result = unsafe Glibc.rename(path, newPath)
    #elseif canImport(Musl)
    let result = unsafe Musl.rename(path, newPath)
    #else
    let result = unsafe Darwin.rename(path, newPath)
    #endif
    if result != 0 { throw FileSystemError(path: newPath, errno: errno) }
  }

  package func synchronizeFolder(_ path: String) throws(FileSystemError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileSystemError(path: path, errno: errno) }
    let failure = fsync(descriptor) == 0 ? 0 : errno
    close(descriptor)
    if failure != 0 { throw FileSystemError(path: path, errno: failure) }
  }

  package func read(_ path: String) throws(FileSystemError) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw FileSystemError(path: path, errno: errno) }
    defer { close(descriptor) }
    guard let byteCount = try attributes(of: path)?.byteCount else { return nil }
    guard let bytes = readAll(descriptor, byteCount) else {
      throw FileSystemError(path: path, errno: errno)
    }
    return bytes
  }

  package func remove(_ path: String) throws(FileSystemError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw FileSystemError(path: path, errno: errno)
    }
  }

  package func names(in folder: String) throws(FileSystemError) -> [String] {
    guard let stream = unsafe opendir(folder) else {
      if errno == ENOENT { return [] }
      throw FileSystemError(path: folder, errno: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    if errno != 0 { throw FileSystemError(path: folder, errno: errno) }
    return names
  }

  package func attributes(of path: String) throws(FileSystemError) -> FileAttributes? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw FileSystemError(path: path, errno: errno)
    }
    #if canImport(Darwin)
    let time = status.st_mtimespec
    #else
    let time = status.st_mtim
    #endif
    let milliseconds = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    return FileAttributes(
      byteCount: Int(status.st_size), modifiedAt: JobTime(milliseconds: milliseconds))
  }

  package func setModificationTime(
    _ time: JobTime, of path: String
  ) throws(FileSystemError) {
    let (seconds, milliseconds) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
    let stamp = timespec(tv_sec: Int(seconds), tv_nsec: Int(milliseconds) * 1_000_000)
    let stamps = [stamp, stamp]
    let result = unsafe stamps.withUnsafeBufferPointer {
      unsafe utimensat(AT_FDCWD, path, $0.baseAddress, 0)
    }
    if result != 0 { throw FileSystemError(path: path, errno: errno) }
  }

  /// Returns 0 once everything is written, else the number of the failure.
  private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    unsafe bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        let count = unsafe write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return errno }
        done += count
      }
      return 0
    }
  }

  /// Returns the content, or nil with `errno` set.
  private func readAll(_ descriptor: Int32, _ byteCount: Int) -> [UInt8]? {
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, done in
      while done < byteCount {
        let rest = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
        let count = unsafe Self.read(descriptor, rest)
        if count < 0, errno == EINTR { continue }
        failed = count < 0
        if count <= 0 { return }
        done += count
      }
    }
    return failed ? nil : bytes
  }

  private static func read(_ descriptor: Int32, _ rest: UnsafeMutableRawBufferPointer) -> Int {
    #if canImport(Glibc)
    return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
    #elseif canImport(Musl)
    return unsafe Musl.read(descriptor, rest.baseAddress, rest.count)
    #else
    return unsafe Darwin.read(descriptor, rest.baseAddress, rest.count)
    #endif
  }
}
