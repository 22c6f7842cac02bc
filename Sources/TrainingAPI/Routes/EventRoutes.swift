internal import HTTPCore
internal import Interchange
internal import Jobs
internal import NeuralNetwork
internal import TrainingJobs

extension APIService {
  /// The events of a job, as a list or as a stream.
  func addEventRoutes(to router: inout Router) {
    router.add(
      method: "GET", "/jobs/{id}/events",
      handler { request, parameters in
        try request.checkQuery("after", "limit")
        let jobs = try jobs(of: request)
        let job = try await jobs.job(try jobID(parameters))
        return request.acceptsEventStream
          ? try await stream(job, in: jobs, request) : try await list(job, in: jobs, request)
      })
  }

  private func list(
    _ job: Job, in jobs: CallersJobs, _ request: HTTPRequest
  ) async throws -> HTTPResponse {
    let limit = try request.queryInteger("limit", in: 1...1_000, default: 100)
    let after = try request.queryInteger("after", in: 0...Int.max, default: 0)
    let events = try await jobs.events(of: job.id, after: after, limit: limit + 1)
    // Read after the events, so that the last of them tells the job as it ended.
    let job = try await jobs.job(job.id)
    return .json(
      .object([
        JSONValue.Member("object", .string("list")),
        JSONValue.Member(
          "data", .array(try events.prefix(limit).map { try $0.document(of: job) })),
        JSONValue.Member("has_more", .bool(events.count > limit)),
      ]))
  }

  private func stream(
    _ job: Job, in jobs: CallersJobs, _ request: HTTPRequest
  ) async throws -> HTTPResponse {
    var after = try request.queryInteger("after", in: 0...Int.max, default: 0)
    if let text = request.headers.first("Last-Event-ID") {
      guard let id = decimal(text) else {
        throw Problem(
          status: 422, code: "invalid_last_event_id",
          detail: "Last-Event-ID must be the number of an event, but is \"\(text.prefix(64))\"")
      }
      after = id
    }
    let first = try await jobs.events(
      of: job.id, after: after, limit: EventFeeds.eventsAtOnce)
    if job.status.isTerminal, first.isEmpty {
      // The standard's sign for a client to stop reconnecting.
      return HTTPResponse(status: 204)
    }
    let start = first.last?.id ?? after
    let beginning = try await feeds.encoded(first, of: job.id)
    return HTTPResponse(
      status: 200,
      headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
      body: .stream { writer in
        try await writer.write(beginning.reduce(into: Array("retry: 1000\n\n".utf8)) { $0 += $1 })
        if first.last?.type == JobEvent.doneType { return }
        do {
          try await feeds.follow(job.id) { feed, wakeups in
            try await write(feed, of: job.id, in: jobs, after: start, wakeups, to: writer)
          }
        } catch JobManagerError.store(.jobNotFound) {
          // Deleted since; the stream ends in order, and whoever connects again gets a 404.
          try await writeFarewell(to: writer)
        }
      })
  }

  /// Writes events as they come, until the job is over, the manager ends or the task is cancelled.
  private func write(
    _ feed: EventFeed, of id: JobID, in jobs: CallersJobs, after start: Int,
    _ wakeups: AsyncStream<Void>, to writer: any HTTPBodyWriter
  ) async throws {
    var after = start
    var beats = feed.beats
    for await _ in wakeups {
      var isQuiet = true
      following: while true {
        switch feed.next(after: after) {
        case .events(let bytes, let last):
          try await writer.write(bytes)
          after = last
        case .behind:
          let events = try await jobs.events(
            of: id, after: after, limit: EventFeeds.eventsAtOnce)
          for bytes in try await feeds.encoded(events, of: id) { try await writer.write(bytes) }
          after = events.last?.id ?? after
        case .ended(.over): return
        case .ended(.failed(let error)): throw error
        case .ended(.serverEnds): return try await writeFarewell(to: writer)
        case .nothing: break following
        }
        isQuiet = false
      }
      let due = feed.beats
      if isQuiet, due != beats { try await writer.write(Array(": still here\n\n".utf8)) }
      beats = due
    }
    try await writeFarewell(to: writer)
  }

  private func writeFarewell(to writer: any HTTPBodyWriter) async throws {
    try await writer.write(Array(": the server ends the stream, connect again\n\n".utf8))
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
  func serverSentEvent(of job: Job) throws(StoredTrainingError) -> [UInt8] {
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
