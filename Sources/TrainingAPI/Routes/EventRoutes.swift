internal import HTTPCore
internal import Interchange
internal import Jobs
internal import NeuralNetwork
internal import TrainingJobs

/// Events read from the store at once.
private let eventsAtOnce = 500

/// Between two comments that keep a quiet stream's connection alive.
private let commentInterval = Duration.seconds(15)

extension APIService {
  /// The events of a job, as a list or as a stream.
  func addEventRoutes(to router: inout Router) {
    router.add(
      method: "GET", "/jobs/{id}/events",
      handler { request, parameters in
        try request.checkQuery("after", "limit")
        let job = try await job(parameters)
        return request.acceptsEventStream
          ? try await stream(job, request) : try await list(job, request)
      })
  }

  private func list(_ job: Job, _ request: HTTPRequest) async throws -> HTTPResponse {
    let limit = try request.queryInteger("limit", in: 1...1_000, default: 100)
    let after = try request.queryInteger("after", in: 0...Int.max, default: 0)
    let events = try await manager.events(of: job.id, after: after, limit: limit + 1)
    // Read after the events, so that the last of them tells the job as it ended.
    let job = try await manager.job(job.id)
    return .json(
      .object([
        JSONValue.Member("object", .string("list")),
        JSONValue.Member(
          "data", .array(try events.prefix(limit).map { try $0.document(of: job) })),
        JSONValue.Member("has_more", .bool(events.count > limit)),
      ]))
  }

  private func stream(_ job: Job, _ request: HTTPRequest) async throws -> HTTPResponse {
    var after = try request.queryInteger("after", in: 0...Int.max, default: 0)
    if let text = request.headers.first("Last-Event-ID") {
      guard let id = decimal(text) else {
        throw Problem(
          status: 422, code: "invalid_last_event_id",
          detail: "Last-Event-ID must be the number of an event, but is \"\(text.prefix(64))\"")
      }
      after = id
    }
    if job.status.isTerminal,
      try await manager.events(of: job.id, after: after, limit: 1).isEmpty
    {
      // The standard's sign for a client to stop reconnecting.
      return HTTPResponse(status: 204)
    }
    let start = after
    return HTTPResponse(
      status: 200,
      headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
      body: .stream { writer in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await write(job, after: start, to: writer) }
          group.addTask { try await writeComments(to: writer) }
          // The first to end is the events' task, or whichever finds the client gone.
          defer { group.cancelAll() }
          try await group.next()
        }
      })
  }

  /// Writes stored events as they come, until the job is over, the manager ends or the task is
  /// cancelled.
  private func write(_ job: Job, after: Int, to writer: any HTTPBodyWriter) async throws {
    try await writer.write(Array("retry: 1000\n\n".utf8))
    do {
      if try await writeEvents(of: job, after: after, to: writer) { return }
    } catch JobManagerError.store(.closed) {
      // The manager ended between a change and its reading; the client reads it after the start.
    }
    try await writer.write(Array(": the server ends the stream, connect again\n\n".utf8))
  }

  /// Returns whether the job is over, so that nothing will follow.
  private func writeEvents(
    of job: Job, after: Int, to writer: any HTTPBodyWriter
  ) async throws -> Bool {
    var after = after
    for await _ in manager.changes(of: job.id) {
      var events: [JobEvent]
      repeat {
        events = try await manager.events(of: job.id, after: after, limit: eventsAtOnce)
        for event in events {
          let isDone = event.type == JobEvent.doneType
          // Only the last event tells the job as it is by now.
          let told = isDone ? try await manager.job(job.id) : job
          try await writer.write(event.serverSentEvent(of: told))
          after = event.id
          if isDone { return true }
        }
      } while events.count == eventsAtOnce
      if events.isEmpty, try await isOver(job.id, after: after) { return true }
    }
    return false
  }

  /// Whether the job has ended and no event follows: a client may ask for what comes after the last.
  private func isOver(_ id: JobID, after: Int) async throws -> Bool {
    guard try await manager.job(id).status.isTerminal else { return false }
    // Read again after the status: the job may have ended since the events were read.
    return try await manager.events(of: id, after: after, limit: 1).isEmpty
  }

  private func writeComments(to writer: any HTTPBodyWriter) async throws {
    while true {
      try await Task.sleep(for: commentInterval)
      try await writer.write(Array(": still here\n\n".utf8))
    }
  }
}

extension JobEvent {
  /// The event as an entry of a list.
  fileprivate func document(of job: Job) throws(StoredTrainingError) -> JSONValue {
    .object([
      JSONValue.Member("id", .integer(id)),
      JSONValue.Member("type", .string(type)),
      JSONValue.Member("created_at", .string(createdAt.rfc3339)),
      JSONValue.Member("data", try shownData(of: job)),
    ])
  }

  /// The event in the form of the HTML standard's section on server-sent events.
  fileprivate func serverSentEvent(of job: Job) throws(StoredTrainingError) -> [UInt8] {
    Array("id: \(id)\nevent: \(type)\ndata: ".utf8)
      + JSONWriter.write(try document(of: job)) + Array("\n\n".utf8)
  }

  private func shownData(of job: Job) throws(StoredTrainingError) -> JSONValue {
    switch type {
    case JobEvent.statusType:
      .object([JSONValue.Member("status", .string(String(decoding: data, as: UTF8.self)))])
    case JobEvent.doneType: try job.document()
    default: try JSONValue(stored: data)
    }
  }
}
