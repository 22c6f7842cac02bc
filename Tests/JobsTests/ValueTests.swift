import Synchronization
import Testing

@testable import Jobs

@Suite("Names, times and decisions")
struct ValueTests {
  @Test("names grow within a millisecond, past the counter, and when the clock steps back")
  func namesGrow() {
    var generator = JobIDGenerator()
    var names: [JobID] = []
    for milliseconds in [5, 5, 9, 3] as [Int64] {
      names.append(generator.next(at: JobTime(milliseconds: milliseconds), random: .max))
    }
    for _ in 0..<5000 {
      names.append(generator.next(at: JobTime(milliseconds: 9), random: 0))
    }
    #expect(zip(names, names.dropFirst()).allSatisfy { $0 < $1 })
    #expect(names.map(\.description) == names.map(\.description).sorted())
  }

  @Test("a name has the time, version 7 and variant 2 of RFC 9562, and parses back")
  func nameHasItsForm() {
    var generator = JobIDGenerator()
    let name = generator.next(at: JobTime(milliseconds: 0x0123_4567_89AB), random: 0)
    #expect(name.description == "job_0123456789ab70008000000000000000")
    #expect(JobID(name.description) == name)
    #expect(JobID.next() < JobID.next())
  }

  @Test(
    "refuses what is no name",
    arguments: [
      "", "job_", "job_0123456789ab7000800000000000000", "job_0123456789ab700080000000000000000",
      "Job_0123456789ab70008000000000000000", "job_0123456789AB70008000000000000000",
      "job_0123456789ab7000800000000000000g", "ds__0123456789ab70008000000000000000",
    ])
  func refusesOtherNames(text: String) {
    #expect(JobID(text) == nil)
  }

  @Test("a blob's name has 64 lowercase hexadecimal digits")
  func blobNames() {
    #expect(BlobID(String(repeating: "0f", count: 32)) != nil)
    #expect(BlobID(String(repeating: "0F", count: 32)) == nil)
    #expect(BlobID(String(repeating: "0", count: 63)) == nil)
    #expect(BlobID("../../../../etc/passwd") == nil)
  }

  @Test("times add and subtract in whole milliseconds")
  func timesCalculate() {
    let time = JobTime(milliseconds: 1500)
    #expect(time + .seconds(2) == JobTime(milliseconds: 3500))
    #expect(time + .milliseconds(-1501) == JobTime(milliseconds: -1))
    #expect(time - JobTime(milliseconds: 2000) == .milliseconds(-500))
    #expect(JobTime.now() > JobTime(milliseconds: 1_700_000_000_000))
  }

  @Test("what a runner says is judged by what it was asked")
  func decisions() {
    let result = JobResult(summary: [1], details: [])
    let failure = JobFailure(code: "c", message: "m")
    let asks: [StopReason?] = [nil, .cancel, .shutdown]
    for asked in asks {
      #expect(RunDecision(.succeeded(result), asked: asked) == .succeed(result))
      #expect(RunDecision(.failed(failure, nil), asked: asked) == .fail(failure, nil))
    }
    #expect(RunDecision(.cancelled(result), asked: .cancel) == .cancel(result))
    #expect(RunDecision(.released, asked: .cancel) == .cancel(nil))
    #expect(RunDecision(.cancelled(result), asked: .shutdown) == .release)
    #expect(RunDecision(.released, asked: .shutdown) == .release)
    #expect(RunDecision(.released, asked: .pause) == .release)
    #expect(RunDecision(.interrupted(failure), asked: nil) == .interrupt(failure))
    #expect(
      RunDecision(.cancelled(result), asked: .timeLimit, maxSeconds: 7)
        == .fail(.timeLimit(seconds: 7), result))
    #expect(RunDecision(.cancelled(result), asked: .stalled) == .fail(.stalled, result))
    #expect(
      JobFailure.timeLimit(seconds: 7).message
        == "The job may run for 7 s and was not done by then; what it had made is kept")
    let unasked = RunDecision.fail(.stoppedUnasked, nil)
    #expect(RunDecision(.released, asked: nil) == unasked)
    #expect(
      RunDecision(.cancelled(result), asked: nil) == .fail(.stoppedUnasked, result))
  }
}

@Suite("JobControl")
struct JobControlTests {
  @Test("a cancel request replaces a shutdown, and not the other way round")
  func cancelIsStronger() {
    let control = JobControl()
    #expect(control.stopReason == nil)
    control.requestStop(.shutdown)
    #expect(control.stopReason == .shutdown)
    control.requestStop(.cancel)
    control.requestStop(.shutdown)
    #expect(control.stopReason == .cancel)
  }

  @Test("reports gather until they are taken, and what was put back comes first")
  func reportsGather() {
    let control = JobControl()
    control.report(progress: [1], events: [(type: "a", data: [])])
    control.report(progress: [2], events: [(type: "b", data: [])])
    let taken = control.take().report
    #expect(taken.progress == [2])
    #expect(taken.events.map(\.type) == ["a", "b"])
    control.report(progress: [3], events: [(type: "c", data: [])])
    control.putBack(taken)
    let again = control.take().report
    #expect(again.progress == [3])
    #expect(again.events.map(\.type) == ["a", "b", "c"])
    #expect(control.take().report == JobReport())
    #expect(control.newestProgress == [3])
  }

  @Test("announces only the first report after each time they were taken")
  func announcesOnce() {
    let announcements = Atomic<Int>(0)
    let control = JobControl { announcements.add(1, ordering: .relaxed) }
    for _ in 1...3 { control.report(progress: []) }
    #expect(announcements.load(ordering: .relaxed) == 1)
    _ = control.take().report
    control.report(progress: [])
    #expect(announcements.load(ordering: .relaxed) == 2)
  }

  @Test("keeps the newest events at the limit", arguments: [9_999, 10_000, 10_001])
  func keepsTheNewest(count: Int) {
    let control = JobControl()
    for number in 0..<count {
      control.report(progress: [], events: [(type: "\(number)", data: [])])
    }
    let events = control.take().report.events
    #expect(events.count == min(count, JobControl.waitingEventsMax))
    #expect(events.last?.type == "\(count - 1)")
  }
}
