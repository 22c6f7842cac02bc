import HTTPCore
import Jobs
import Testing

@testable import TrainingAPI

@Suite("Answers about ended jobs")
struct EndedJobsTests {
  private func job(_ number: Int, _ status: JobStatus = .succeeded, owner: String? = nil) throws
    -> Job
  {
    let digits = String(number, radix: 16)
    let id = "job_" + String(repeating: "0", count: 32 - digits.count) + digits
    return Job(
      id: try #require(JobID(id)), owner: owner, status: status,
      createdAt: JobTime(milliseconds: 0), request: [])
  }

  private func response(_ count: Int = 2_000) -> HTTPResponse {
    .json([UInt8](repeating: UInt8(ascii: " "), count: count))
  }

  @Test("keeps the answer, as it is and in gzip")
  func keeps() throws {
    let ended = EndedJobs()
    let job = try job(1)
    ended.insert(job, response(), readAt: ended.moment)
    let plain = ended.answer(about: job.id, for: .all, inGzip: false)
    #expect(plain?.headers.first("Content-Encoding") == nil)
    #expect(plain?.headers.first("Vary") == "Accept-Encoding")
    let encoded = ended.answer(about: job.id, for: .all, inGzip: true)
    #expect(encoded?.headers.first("Content-Encoding") == "gzip")
  }

  @Test("keeps nothing of a job that may change", arguments: [JobStatus.queued, .running])
  func changing(status: JobStatus) throws {
    let ended = EndedJobs()
    ended.insert(try job(1, status), response(), readAt: ended.moment)
    #expect(ended.answer(about: try job(1).id, for: .all, inGzip: false) == nil)
  }

  @Test("another's job is as if it were not there")
  func owner() throws {
    let ended = EndedJobs()
    let job = try job(1, owner: "ada")
    ended.insert(job, response(), readAt: ended.moment)
    #expect(ended.answer(about: job.id, for: .owner("ada"), inGzip: false) != nil)
    #expect(ended.answer(about: job.id, for: .owner("bob"), inGzip: false) == nil)
  }

  @Test("a job that was forgotten while it was read does not come back")
  func forgotten() throws {
    let ended = EndedJobs()
    let job = try job(1)
    let moment = ended.moment
    ended.remove(job.id)
    ended.insert(job, response(), readAt: moment)
    #expect(ended.answer(about: job.id, for: .all, inGzip: false) == nil)
    ended.insert(job, response(), readAt: ended.moment)
    ended.remove(job.id)
    #expect(ended.answer(about: job.id, for: .all, inGzip: false) == nil)
  }

  @Test("lets the oldest go when there are too many bytes")
  func bound() throws {
    let ended = EndedJobs()
    let size = EndedJobs.bytesMax / 8
    for number in 1...6 {
      ended.insert(try job(number), response(size), readAt: ended.moment)
    }
    let kept = try (1...6).filter {
      ended.answer(about: try job($0).id, for: .all, inGzip: false) != nil
    }
    #expect(kept == [3, 4, 5, 6])
  }

  @Test("a deleted job is gone, though it was just shown")
  func route() async throws {
    let store = InMemoryJobStore()
    let desk = Desk(store: store)
    let job = try await desk.manager.submit(try smallSubmission()).job
    let claim = try #require(try await store.claim(worker: "test")).claim
    let result = StoredResult(summary: Array("{}".utf8), details: Array("{}".utf8))
    _ = try await store.finish(claim, as: .succeeded(result), report: JobReport())
    let path = "/jobs/\(job.id)"
    let first = try await desk.send("GET", path)
    let again = try await desk.send("GET", path)
    #expect(first.status == 200)
    #expect(try document(of: again) == document(of: first))
    #expect(try await desk.send("GET", path + "?x=1").status == 422)
    #expect(
      try await desk.send("GET", path, headers: ["Prefer": "wait=1"]).headers
        .first("Preference-Applied") == "wait=1")
    #expect(try await desk.send("DELETE", path).status == 204)
    #expect(try await desk.send("GET", path).status == 404)
  }
}
