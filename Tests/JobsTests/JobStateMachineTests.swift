import Jobs
import Testing

@Suite("JobStateMachine")
struct JobStateMachineTests {
  /// One row: from that state, the event, to that state with that action.
  struct Row: Sendable, CustomTestStringConvertible {
    let event: String
    let before: JobStateMachine
    let after: JobStateMachine
    let action: JobStateMachine.Action

    var testDescription: String { "\(event) of \(before.status)" }
  }

  static let queued = JobStateMachine()
  static let running = JobStateMachine(status: .running, epoch: 2, attempt: 2)
  static let cancelling = JobStateMachine(
    status: .running, cancelRequested: true, epoch: 2, attempt: 2)
  static let paused = JobStateMachine(isPaused: true)
  static let pausing = JobStateMachine(status: .running, isPaused: true, epoch: 2, attempt: 2)
  static let failure = JobFailure(code: "disk", message: "It may pass")
  static let ended = [JobStatus.succeeded, .failed, .cancelled].map {
    JobStateMachine(status: $0, epoch: 2, attempt: 2)
  }

  static func told(
    _ names: String..., done: Bool = false, because failure: JobFailure? = nil,
    after delay: Duration? = nil
  ) -> JobStateMachine.Action {
    var events = names.map { JobEventDraft(type: "status", data: Array($0.utf8)) }
    if done { events.append(JobEventDraft(type: "done", data: events[events.count - 1].data)) }
    return .store(JobStateMachine.Change(events: events, failure: failure, delay: delay))
  }

  static let table: [Row] =
    [
      Row(
        event: "claim", before: queued,
        after: JobStateMachine(status: .running, epoch: 1, attempt: 1), action: told("running")),
      Row(event: "claim", before: running, after: running, action: .keep),
      Row(event: "renew", before: queued, after: queued, action: .refuseStaleClaim),
      Row(event: "renew", before: running, after: running, action: told()),
      Row(event: "renew of 1", before: running, after: running, action: .refuseStaleClaim),
      Row(event: "succeed", before: queued, after: queued, action: .refuseStaleClaim),
      Row(
        event: "succeed", before: running,
        after: JobStateMachine(status: .succeeded, epoch: 2, attempt: 2),
        action: told("succeeded", done: true)),
      Row(event: "succeed of 1", before: running, after: running, action: .refuseStaleClaim),
      Row(event: "succeed of 3", before: running, after: running, action: .refuseStaleClaim),
      Row(event: "release", before: queued, after: queued, action: .refuseStaleClaim),
      Row(
        event: "release", before: running,
        after: JobStateMachine(status: .queued, epoch: 2, attempt: 1), action: told("queued")),
      Row(
        event: "release", before: cancelling,
        after: JobStateMachine(
          status: .cancelled, cancelRequested: true, epoch: 2, attempt: 1),
        action: told("cancelled", done: true)),
      Row(event: "release of 1", before: running, after: running, action: .refuseStaleClaim),
      Row(
        event: "cancel", before: queued,
        after: JobStateMachine(status: .cancelled, cancelRequested: true),
        action: told("cancelled", done: true)),
      Row(event: "cancel", before: running, after: cancelling, action: told("cancelling")),
      Row(event: "cancel", before: cancelling, after: cancelling, action: .keep),
      Row(event: "rescue", before: queued, after: queued, action: .keep),
      Row(
        event: "rescue", before: running,
        after: JobStateMachine(status: .queued, epoch: 2, attempt: 2, restarts: 1, setbacks: 1),
        action: told("queued")),
      Row(
        event: "rescue", before: cancelling,
        after: JobStateMachine(
          status: .cancelled, cancelRequested: true, epoch: 2, attempt: 2, setbacks: 1),
        action: told("cancelled", done: true)),
      Row(event: "claim", before: paused, after: paused, action: .keep),
      Row(
        event: "renew with a checkpoint",
        before: JobStateMachine(status: .running, epoch: 2, attempt: 2, setbacks: 2),
        after: running, action: told()),
      Row(
        event: "succeed", before: pausing,
        after: JobStateMachine(status: .succeeded, epoch: 2, attempt: 2),
        action: told("succeeded", done: true)),
      Row(
        event: "release", before: pausing,
        after: JobStateMachine(isPaused: true, epoch: 2, attempt: 1), action: told("paused")),
      Row(
        event: "cancel", before: paused,
        after: JobStateMachine(status: .cancelled, cancelRequested: true),
        action: told("cancelled", done: true)),
      Row(event: "cancel", before: pausing, after: cancelling, action: told("cancelling")),
      Row(
        event: "rescue", before: pausing,
        after: JobStateMachine(
          isPaused: true, epoch: 2, attempt: 2, restarts: 1, setbacks: 1),
        action: told("paused")),
      Row(event: "pause", before: queued, after: paused, action: told("paused")),
      Row(event: "pause", before: paused, after: paused, action: .keep),
      Row(event: "pause", before: running, after: pausing, action: told("pausing")),
      Row(event: "pause", before: pausing, after: pausing, action: .keep),
      Row(event: "pause", before: cancelling, after: cancelling, action: .keep),
      Row(event: "resume", before: queued, after: queued, action: .keep),
      Row(event: "resume", before: paused, after: queued, action: told("queued")),
      Row(event: "resume", before: running, after: running, action: .keep),
      Row(event: "resume", before: pausing, after: running, action: told("running")),
      Row(event: "interrupt", before: queued, after: queued, action: .refuseStaleClaim),
      Row(event: "interrupt of 1", before: running, after: running, action: .refuseStaleClaim),
      Row(
        event: "interrupt", before: running,
        after: JobStateMachine(epoch: 2, attempt: 2, setbacks: 1),
        action: told("queued", after: .seconds(10))),
      Row(
        event: "interrupt", before: JobStateMachine(status: .running, epoch: 2, setbacks: 1),
        after: JobStateMachine(epoch: 2, setbacks: 2),
        action: told("queued", after: .seconds(40))),
      Row(
        event: "interrupt", before: JobStateMachine(status: .running, epoch: 2, setbacks: 2),
        after: JobStateMachine(status: .failed, epoch: 2, setbacks: 3),
        action: told("failed", done: true, because: failure)),
      Row(
        event: "interrupt", before: cancelling,
        after: JobStateMachine(
          status: .cancelled, cancelRequested: true, epoch: 2, attempt: 2, setbacks: 1),
        action: told("cancelled", done: true)),
      Row(event: "delete", before: queued, after: queued, action: .refuseActiveJob),
      Row(event: "delete", before: running, after: running, action: .refuseActiveJob),
    ]
    + ended.flatMap { machine in
      [
        Row(event: "claim", before: machine, after: machine, action: .keep),
        Row(event: "renew", before: machine, after: machine, action: .refuseStaleClaim),
        Row(event: "succeed", before: machine, after: machine, action: .refuseStaleClaim),
        Row(event: "release", before: machine, after: machine, action: .refuseStaleClaim),
        Row(event: "cancel", before: machine, after: machine, action: .keep),
        Row(event: "rescue", before: machine, after: machine, action: .keep),
        Row(event: "pause", before: machine, after: machine, action: .refuseEndedJob),
        Row(event: "resume", before: machine, after: machine, action: .refuseEndedJob),
        Row(event: "interrupt", before: machine, after: machine, action: .refuseStaleClaim),
        Row(event: "delete", before: machine, after: machine, action: .remove),
      ]
    }

  static func send(
    _ event: String, to machine: inout JobStateMachine
  ) throws -> JobStateMachine.Action {
    switch event {
    case "claim": return machine.claim()
    case "renew": return machine.renew(epoch: 2)
    case "renew of 1": return machine.renew(epoch: 1)
    case "renew with a checkpoint": return machine.renew(epoch: 2, hasCheckpoint: true)
    case "pause": return machine.pause()
    case "resume": return machine.resume()
    case "interrupt": return machine.interrupt(epoch: 2, because: failure)
    case "interrupt of 1": return machine.interrupt(epoch: 1, because: failure)
    case "succeed": return machine.finish(epoch: 2, as: .succeeded)
    case "succeed of 1": return machine.finish(epoch: 1, as: .succeeded)
    case "succeed of 3": return machine.finish(epoch: 3, as: .succeeded)
    case "release": return machine.release(epoch: 2)
    case "release of 1": return machine.release(epoch: 1)
    case "cancel": return machine.cancel()
    case "rescue": return machine.rescue()
    case "delete": return machine.delete()
    default: throw UnknownEvent(name: event)
    }
  }

  struct UnknownEvent: Error {
    let name: String
  }

  @Test("each event in each state gives the state and the action of the table", arguments: table)
  func followsTheTable(row: Row) throws {
    var machine = row.before
    let action = try Self.send(row.event, to: &machine)
    #expect(action == row.action)
    #expect(machine == row.after)
  }

  @Test("the table has every status with every event")
  func tableIsWhole() {
    for event in [
      "claim", "renew", "succeed", "release", "interrupt", "cancel", "pause", "resume", "rescue",
      "delete",
    ] {
      let statuses = Set(Self.table.filter { $0.event == event }.map(\.before.status))
      #expect(statuses == Set(JobStatus.allCases), "\(event)")
    }
  }

  @Test("the third crash makes the job fail, and says so in one sentence")
  func thirdCrashFails() {
    var machine = JobStateMachine()
    for _ in 1...2 {
      _ = machine.claim()
      #expect(machine.rescue() == Self.told("queued"))
    }
    _ = machine.claim()
    guard case .store(let change) = machine.rescue() else {
      Issue.record("the third crash changed nothing")
      return
    }
    #expect(machine.status == .failed)
    #expect(machine.restarts == 2)
    #expect(
      change.failure
        == JobFailure(
          code: "crashed_repeatedly",
          message: "The process ended unexpectedly 3 times while this job was running"))
  }
}
