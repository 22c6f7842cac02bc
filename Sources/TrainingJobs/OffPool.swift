internal import Dispatch

/// Runs what computes for more than a moment on Dispatch's threads, as many as there are cores, so
/// that it keeps Swift's cooperative threads free for short answers.
package func offPool<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(returning: Result { try body() })
    }
  }
  return try result.get()
}
