import Dispatch
import Foundation
import PeakLoop
import PeakLoopWide

/// The loops of fused multiply-adds that the processor has instructions for.
struct Peak {
  private struct Loop {
    let sum: @Sendable (_ rounds: Int) -> Float
    let operationsOfRound: Int
  }

  private var loops = [
    Loop(sum: sumOfEights, operationsOfRound: operationsOfRound(of: SIMD8<Float>.self))
  ]

  init() {
    guard Peak.hasWideVectors else { return }
    loops.append(
      Loop(sum: sumOfSixteens, operationsOfRound: operationsOfRound(of: SIMD16<Float>.self)))
  }

  private static var hasWideVectors: Bool {
    #if arch(x86_64) && os(Linux)
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    // Without the list the narrow loop is safe.
    return text?.contains(" avx512f ") ?? false
    #else
    return false
    #endif
  }

  /// Runs each loop on several threads at once.
  ///
  /// - Parameters:
  ///   - seconds: For how long, at least, all loops together.
  ///   - threads: How many at once; each has a core of its own if there are enough.
  /// - Returns: Floating-point operations of all threads in a second, by the fastest loop.
  func operationsPerSecond(for seconds: Double, threads: Int) -> Double {
    loops.map { loop in
      operationsPerSecond(of: loop, for: seconds / Double(loops.count), threads: threads)
    }.max() ?? 0
  }

  private func operationsPerSecond(of loop: Loop, for seconds: Double, threads: Int) -> Double {
    // Some milliseconds, so that reading the clock and starting threads cost nothing.
    let rounds = 1_000_000
    var chunks = 0
    let clock = Stopwatch()
    repeat {
      DispatchQueue.concurrentPerform(iterations: threads) { _ in
        precondition(loop.sum(rounds).isFinite, "The sums converge")
      }
      chunks += 1
    } while clock.seconds < seconds
    return Double(chunks * threads * rounds * loop.operationsOfRound) / clock.seconds
  }
}

/// The time since it was made.
struct Stopwatch {
  private let start = DispatchTime.now().uptimeNanoseconds

  var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }
}
