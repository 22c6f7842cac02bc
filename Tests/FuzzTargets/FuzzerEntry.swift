import Foundation

/// The target that the environment names to a fuzzer.
private let namedTarget: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError("FUZZ_TARGET must name a target, but is '\(name)'")
  }
  return target
}()

/// Traps if the input breaks an invariant, so that the fuzzer keeps the input.
@_cdecl("descent_fuzz")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
  do {
    try namedTarget.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
  } catch {
    fatalError("\(error)")
  }
}
