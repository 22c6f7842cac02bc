import ArgumentParser
import Foundation
import Glibc

/// Many subscribers to the events of one job.
struct Streams: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Subscribers to one job, and the replay of its events.")

  @OptionGroup var options: ServerOptions

  @Option(help: "Subscribers at once.")
  var subscribers = 1_000

  @Option(help: "Subscribers beside them that never read.")
  var stalled = 50

  @Option(help: "How long the job should take; it tells a hundred epochs in that time.")
  var seconds = 10.0

  func run() throws {
    let server = try options.open()
    let client = Client(server.address)
    let epochs = try SampleJob.epochs(taking: seconds, by: client)
    let job = try SampleJob.post(SampleJob.disc(epochs: epochs), to: client)
    let path = "\(job)/events"
    let start = now()
    let stuck = try subscribe(stalled, to: path, on: server.address, receiveBuffer: 4096)
    let streams = try subscribe(subscribers, to: path, on: server.address)
    let connecting = now() - start
    try receiveAll(streams)
    let latencies = try deliveries(streams)
    try reportDelivery(streams, latencies, connecting: connecting)
    try replay(path, streams[0].events, on: server.address)
    withExtendedLifetime(stuck) {}
    try server.checkIsAlive()
  }

  /// Subscribes so many, fewer at a time than the server has places for requests in work.
  private func subscribe(
    _ count: Int, to path: String, on address: LoopbackAddress, receiveBuffer: Int32? = nil
  ) throws -> [EventStream] {
    var streams: [EventStream] = []
    while streams.count < count {
      let group = try (0..<min(100, count - streams.count)).map { _ in
        try EventStream(path, on: address, receiveBuffer: receiveBuffer)
      }
      for stream in group {
        while stream.status == nil { try stream.receive(waiting: true) }
      }
      streams += group
    }
    return streams
  }

  /// Reads all streams as they come, to their ends.
  private func receiveAll(_ streams: [EventStream]) throws {
    let end = now() + 20 * seconds
    var open = streams
    while !open.isEmpty {
      guard now() < end else { throw LoadError("\(open.count) streams do not end") }
      var polled = open.map {
        pollfd(fd: $0.socket.descriptor, events: Int16(POLLIN), revents: 0)
      }
      poll(&polled, nfds_t(polled.count), 1_000)
      for (stream, entry) in zip(open, polled) where entry.revents != 0 { try stream.receive() }
      open.removeAll { $0.hasEnded }
    }
  }

  /// How long each event took to each subscriber that was there when it was created.
  private func deliveries(_ streams: [EventStream]) throws -> Latencies {
    let events = streams[0].events
    let created = try events.map(creation)
    var latencies = Latencies()
    for (number, stream) in streams.enumerated() {
      guard stream.status == 200, stream.events.map(\.id) == Array(1...events.count) else {
        throw LoadError(
          "subscriber \(number) of status \(stream.status ?? 0) received the events "
            + "\(stream.events.map(\.id)) of \(events.count)")
      }
      for (event, created) in zip(stream.events, created) where created >= stream.opening {
        latencies.add(event.arrival - created)
      }
    }
    return latencies
  }

  private func reportDelivery(
    _ streams: [EventStream], _ latencies: Latencies, connecting: Double
  ) throws {
    let events = streams[0].events
    let duration = try creation(events[events.count - 1]) - creation(events[0])
    Report.row(
      "\(subscribers) subscribers, \(stalled) more that never read, \(events.count) events in "
        + "\(duration.digits(1)) s", goal: "p99 of delivery under 200 ms, every event once",
      measured: "p50 \(latencies.milliseconds(0.5)), p99 \(latencies.milliseconds(0.99)) after "
        + "`created_at`, of \(latencies.count); subscribed in \(connecting.digits(1)) s",
      isMet: latencies.quantile(0.99) < 0.200)
  }

  /// Asks again after each event.
  private func replay(
    _ path: String, _ events: [ReceivedEvent], on address: LoopbackAddress
  ) throws {
    var wrong = 0
    for known in 0...events.count {
      let stream = try EventStream(path, after: known, on: address)
      while !stream.hasEnded { try stream.receive(waiting: true) }
      let isExact =
        known == events.count
        ? stream.status == 204
        : stream.events.map(\.text) == events[known...].map(\.text)
      if !isExact { wrong += 1 }
    }
    Report.row(
      "`Last-Event-ID`, each of \(events.count + 1)", goal: "replay exact",
      measured: "\(wrong) differ", isMet: wrong == 0)
    guard wrong == 0 else { throw LoadError("\(wrong) replays differ") }
  }

  private func creation(_ event: ReceivedEvent) throws -> Double {
    let text = String(decoding: event.text, as: UTF8.self)
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    // The event's own member comes before its data, which for a job has one of that name too.
    guard let match = text.firstMatch(of: #/"created_at":"([^"]+)"/#),
      let date = try? Date(String(match.1), strategy: style)
    else { throw LoadError("an event without created_at: \(text)") }
    return date.timeIntervalSince1970
  }
}

/// The seconds since 1970, as the server tells them.
func systemTime() -> Double { Date().timeIntervalSince1970 }
