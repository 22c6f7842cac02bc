import Testing

/// Runs only a few of the tests at a time, so that their servers do not swamp a small machine.
struct FewAtOnce: TestTrait, SuiteTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    // A suite is entered too, but only its tests start programs.
    if test.isSuite { return try await function() }
    await Slots.shared.acquire()
    do {
      try await function()
    } catch {
      await Slots.shared.release()
      throw error
    }
    await Slots.shared.release()
  }
}

extension Trait where Self == FewAtOnce {
  static var fewAtOnce: FewAtOnce { FewAtOnce() }
}

/// Hands out a few slots one after another.
private actor Slots {
  static let shared = Slots(count: 3)

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(count: Int) { free = count }

  func acquire() async {
    if free > 0 {
      free -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func release() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
