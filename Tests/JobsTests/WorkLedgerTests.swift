import Testing

@testable import Jobs

@Suite("WorkLedger")
struct WorkLedgerTests {
  private let first = JobID(high: 1, low: 1)
  private let second = JobID(high: 1, low: 2)

  private func serving(workers: Int) -> WorkLedger {
    var ledger = WorkLedger(workers: workers)
    _ = ledger.start()
    return ledger
  }

  @Test("claims one at a time until all workers are busy")
  func claimsUntilBusy() {
    var ledger = serving(workers: 2)
    let reply1 = ledger.beginClaim()
    #expect(reply1)
    let reply2 = ledger.beginClaim()
    #expect(!reply2)
    let reply3 = ledger.claimed(first)
    #expect(reply3 == .run(nil))
    let reply4 = ledger.beginClaim()
    #expect(reply4)
    let reply5 = ledger.claimed(second)
    #expect(reply5 == .run(nil))
    let reply6 = ledger.beginClaim()
    #expect(!reply6)
    ledger.ended(first)
    let reply7 = ledger.beginClaim()
    #expect(reply7)
  }

  // manager            store
  // claim ----------->
  //                    nothing queued
  // submission stored
  // <----------------- nothing
  @Test("a submission during a claim that finds nothing is not forgotten")
  func submissionDuringClaim() {
    var ledger = serving(workers: 1)
    let reply8 = ledger.beginClaim()
    #expect(reply8)
    ledger.noteQueued()
    ledger.claimedNothing()
    let reply9 = ledger.beginClaim()
    #expect(reply9)
    ledger.claimedNothing()
    let reply10 = ledger.beginClaim()
    #expect(!reply10)
  }

  // manager            store
  // claim ----------->
  //                    running
  // cancel ---------->
  //                    asked to stop
  // <----------------- asked
  // <----------------- the job, as it was before
  @Test("a cancel request that overtakes the reply to a claim reaches the run")
  func cancelDuringClaim() {
    var ledger = serving(workers: 1)
    let reply11 = ledger.beginClaim()
    #expect(reply11)
    let reply12 = ledger.asked(.cancel, of: first)
    #expect(!reply12)
    let reply13 = ledger.claimed(first)
    #expect(reply13 == .run(.cancel))
    let reply14 = ledger.asked(.cancel, of: first)
    #expect(reply14)
  }

  @Test("a job that is claimed while the process ends is given back")
  func shutdownDuringClaim() {
    var ledger = serving(workers: 1)
    let reply15 = ledger.beginClaim()
    #expect(reply15)
    let reply16 = ledger.close()
    #expect(reply16)
    #expect(!ledger.isIdle)
    let reply17 = ledger.claimed(first)
    #expect(reply17 == .giveBack)
    #expect(!ledger.isIdle)
    ledger.ended(first)
    #expect(ledger.isIdle)
    let reply18 = ledger.beginClaim()
    #expect(!reply18)
    let reply19 = ledger.close()
    #expect(!reply19)
  }

  @Test("starts once")
  func startsOnce() {
    var ledger = WorkLedger(workers: 1)
    let reply20 = ledger.beginClaim()
    #expect(!reply20)
    let reply21 = ledger.start()
    #expect(reply21)
    let reply22 = ledger.start()
    #expect(!reply22)
  }

  @Test("a failed claim is tried again only when asked")
  func failedClaim() {
    var ledger = serving(workers: 1)
    let reply23 = ledger.beginClaim()
    #expect(reply23)
    ledger.claimFailed()
    let reply24 = ledger.beginClaim()
    #expect(!reply24)
    ledger.noteQueued()
    let reply25 = ledger.beginClaim()
    #expect(reply25)
  }
}
