/// Every limit and deadline of a connection and a server, each with its unit and default.
package struct HTTPLimits: Sendable, Hashable {
  // MARK: Head of a request

  /// Bytes of the request line without its CRLF; beyond, 414.
  package var requestLineBytesMax = 8192
  /// Bytes of the method; beyond, 501.
  package var methodBytesMax = 32
  /// Empty lines allowed before a request line; beyond, 400.
  package var emptyLinesMax = 2
  /// Bytes of all header lines together with their CRLFs and the empty line; beyond, 431.
  package var headerBlockBytesMax = 32 * 1024
  /// Bytes of one header line without its CRLF; beyond, 431.
  package var headerLineBytesMax = 8192
  /// Number of header lines; beyond, 431.
  package var headerCountMax = 100

  // MARK: Body of a request

  /// Bytes of the body on a route that names no limit of its own; beyond, 413.
  package var bodyBytesMax = 8 * 1024 * 1024
  /// Bytes of the body on a bulk route; beyond, 413.
  package var bulkBodyBytesMax = 512 * 1024 * 1024
  /// Bytes of a body on a bulk route after which its handler starts and reads on as it comes.
  package var inlineBodyBytesMax = 64 * 1024
  /// Hexadecimal digits of a chunk size; beyond, 400.
  package var chunkSizeDigitsMax = 16
  /// Bytes of all chunk extensions of one body; beyond, 400.
  package var chunkExtensionBytesMax = 16 * 1024
  /// Bytes of all trailer lines together with their CRLFs and the empty line; beyond, 400.
  package var trailerBytesMax = 8192
  /// Number of trailer lines; beyond, 400.
  package var trailerCountMax = 32
  /// Bytes of a chunked body, framing included, after which the mean size of its chunks counts.
  package var tinyChunkBytesMin = 1024 * 1024
  /// Least mean size in bytes of the chunks of a long body; below, 400.
  package var chunkBytesMeanMin = 16
  /// Bytes kept of the requests that follow one still in work; beyond, reading pauses.
  package var pipelineBytesMax = 64 * 1024

  // MARK: Deadlines

  /// Time from accept to the first byte (then silent close) and from it to the whole head (408).
  package var headerTime: Duration = .seconds(10)
  /// Time a body may take before its mean rate counts.
  package var bodyGrace: Duration = .seconds(15)
  /// Least mean rate of a body in bytes per second after the grace; below, 408.
  package var bodyBytesPerSecondMin = 240
  /// Time a bulk body may take before its mean rate counts.
  package var bulkBodyGrace: Duration = .seconds(10)
  /// Least mean rate of a bulk body in bytes per second after the grace; below, 408.
  package var bulkBodyBytesPerSecondMin = 16 * 1024
  /// Time between two pieces of a body; beyond, 408.
  package var bodyIdleTime: Duration = .seconds(30)
  /// Time for a body in all; beyond, 408.
  package var bodyTime: Duration = .seconds(30 * 60)
  /// Time without a byte of a response accepted by the client; beyond, the connection is reset.
  package var responseIdleTime: Duration = .seconds(30)
  /// Least mean rate at which a client takes a response that is no stream, in bytes per second after
  /// ``responseIdleTime``; below, the connection is reset.
  package var responseBytesPerSecondMin = 4096
  /// Time a connection may wait for its next request; beyond, it is closed.
  package var keepAliveIdleTime: Duration = .seconds(65)
  /// Requests served on one connection; the last is answered with `Connection: close`.
  package var keepAliveRequestsMax = 1000
  /// Age after which a connection gets no further request.
  package var keepAliveAge: Duration = .seconds(60 * 60)
  /// Time a closing connection waits for further bytes to discard.
  package var lingerIdleTime: Duration = .seconds(2)
  /// Time a closing connection discards bytes in all.
  package var lingerTime: Duration = .seconds(10)
  /// Bytes that a closing connection discards in all.
  package var lingerBytesMax = 1024 * 1024
  /// Time from the start of a drain until the listener is closed, so that a balancer sees `/readyz`.
  package var drainListenerDelay: Duration = .seconds(1)
  /// Time from the start of a drain until what still runs is reset.
  package var drainTime: Duration = .seconds(25)

  // MARK: Responses and totals

  /// Bytes of a streamed response that may wait to be sent, and of a streamed body that may wait to
  /// be read; beyond, its producer is suspended or no more is received.
  package var highWaterBytes = 256 * 1024
  /// Bytes waiting at which a suspended producer is resumed, or more is received.
  package var lowWaterBytes = 64 * 1024
  /// Connections at once; beyond, 503; the server lowers it to what its descriptors allow.
  package var connectionsMax = 10_000
  /// Streamed responses at once; beyond, 503.
  package var streamsMax = 5000
  /// Bodies larger than ``bodyBytesMax`` on their way at once; beyond, 503.
  package var bulkUploadsMax = 4
  /// Deferred handlers at once, without those that only wait and those whose body is still coming;
  /// beyond, 503.
  package var deferredHandlersMax = 256
  /// Bytes of all requests and unsent answers in memory at once; beyond, 503; nil means a quarter of
  /// the machine's.
  package var requestBytesMax: Int?

  package init() {}
}
