import Testing

@testable import TrainingAPI

@Suite("The feed of a job's events")
struct EventFeedTests {
  private func text(_ next: EventFeed.Next) -> String {
    switch next {
    case .events(let bytes, let last): "\(String(decoding: bytes, as: UTF8.self)) to \(last)"
    case .behind: "behind"
    case .nothing: "nothing"
    case .ended(.over): "over"
    case .ended(.serverEnds): "server ends"
    case .ended(.failed): "failed"
    }
  }

  private func event(_ number: Int) -> [UInt8] { Array("<\(number)>".utf8) }

  @Test("gives a follower what comes after what it has, and the end last")
  func order() {
    let feed = EventFeed()
    #expect(text(feed.next(after: 0)) == "nothing")
    feed.append([event(1), event(2), event(3)])
    #expect(text(feed.next(after: 0)) == "<1><2><3> to 3")
    #expect(text(feed.next(after: 2)) == "<3> to 3")
    #expect(text(feed.next(after: 3)) == "nothing")
    // A client may name an event that there is not yet.
    #expect(text(feed.next(after: 99)) == "nothing")
    feed.finish(.over)
    #expect(text(feed.next(after: 2)) == "<3> to 3")
    #expect(text(feed.next(after: 3)) == "over")
    feed.finish(.serverEnds)
    #expect(text(feed.next(after: 99)) == "over")
  }

  @Test("keeps the newest events, and tells who is too far behind", arguments: [-1, 0])
  func bound(beyond: Int) {
    let feed = EventFeed()
    let count = 2 * EventFeed.eventsKept + beyond
    feed.append((1...count).map(event))
    let first = beyond < 0 ? 1 : count - EventFeed.eventsKept + 1
    #expect(text(feed.next(after: first - 1)).hasPrefix("<\(first)>"))
    #expect(text(feed.next(after: first - 2)) == "behind")
    #expect(text(feed.next(after: count - 1)) == "<\(count)> to \(count)")
  }

  @Test("wakes each follower at once and after each change, and tells when the last has gone")
  func wakeups() async {
    let feed = EventFeed()
    let (first, firstNumber) = feed.subscribe()
    let (second, secondNumber) = feed.subscribe()
    var iterators = [first.makeAsyncIterator(), second.makeAsyncIterator()]
    for index in iterators.indices { #expect(await iterators[index].next() != nil) }
    feed.beat()
    for index in iterators.indices { #expect(await iterators[index].next() != nil) }
    #expect(feed.beats == 1)
    #expect(!feed.unsubscribe(firstNumber))
    #expect(feed.unsubscribe(secondNumber))
  }
}
