import Jobs
import Testing

@Suite("Error messages")
struct ErrorMessageTests {
  static let id = JobID.next()
  static let blob = BlobID(String(repeating: "a", count: 64))

  static let store: [(JobStoreError, String, String)] = [
    (.jobNotFound(id), "job_not_found", "There is no job named \(id)"),
    (
      .fenced(JobClaim(id: id, epoch: 3)), "job_claim_lost",
      "The claim 3 on \(id) is over, so its worker may no longer write"
    ),
    (
      .jobActive(id, .running), "job_active",
      "The job \(id) is running, and only an ended job can be deleted"
    ),
    (
      .jobEnded(id, .succeeded), "job_ended",
      "The job \(id) is succeeded, and only a job that has not ended can be paused or resumed"
    ),
    (
      .idempotencyKeyReused(key: "k"), "idempotency_key_reused",
      "The idempotency key \"k\" was used for another submission"
    ),
    (
      .queueFull(max: 7), "queue_full",
      "7 jobs are queued, and no more may be; try again when some of them have begun"
    ),
    (
      .queueQuotaFull(owner: "ci", max: 7), "queue_quota_full",
      "ci may have 7 queued jobs, and has as many; cancel one, or try again when some have begun"
    ),
    (
      .newerSchema(path: "/d"), "store_newer",
      "The database /d was written by a newer version of this program; use that version"
    ),
    (
      .olderSchema(path: "/d"), "store_older",
      "The database /d was written by an older version of this program; start the server once to"
        + " bring it up to date"
    ),
    (
      .notDurable(path: "/d", synchronous: 1), "store_not_durable",
      "The database /d needs synchronous = 2 (FULL), but has 1"
    ),
    (.full(path: "/d"), "store_full", "There is no space left to write the database /d"),
    (.damaged(path: "/d", detail: "x"), "store_damaged", "The database /d is damaged: x"),
    (
      .failed(path: "/d", code: 5, detail: "busy"), "store_failed",
      "The database /d failed with code 5: busy"
    ),
    (.closed, "store_closed", "The store is closed"),
  ]

  @Test("the store says what happened in one sentence, with a code", arguments: store)
  func storeMessages(error: JobStoreError, code: String, message: String) {
    #expect(error.code == code)
    #expect(error.description == message)
    #expect(JobManagerError.store(error).code == code)
    #expect(JobManagerError.store(error).description == message)
  }

  @Test("the blob store names the file")
  func blobMessages() throws {
    let id = try #require(Self.blob)
    let table: [(BlobStoreError, String, String)] = [
      (.missing(id), "blob_missing", "There is no blob named \(id)"),
      (
        .damaged(id, path: "/b"), "blob_damaged",
        "The file /b is damaged: its content does not hash to \(id)"
      ),
      (
        .unreadable(path: "/b", errno: 5), "blob_unreadable",
        "The file /b cannot be read (errno 5)"
      ),
      (
        .unwritable(path: "/b", errno: 28), "blob_unwritable",
        "The file /b cannot be written (errno 28)"
      ),
      (
        .roleMissing("dataset"), "blob_role_missing",
        "The job has no blob in the role \"dataset\""
      ),
    ]
    for (error, code, message) in table {
      #expect(error.code == code)
      #expect(error.description == message)
      #expect(JobManagerError.blobs(error).description == message)
    }
  }

  @Test("the manager says what it refuses")
  func managerMessages() {
    let table: [(JobManagerError, String, String)] = [
      (.alreadyStarted, "already_started", "The job manager was started twice"),
      (
        .shuttingDown, "shutting_down",
        "The server is shutting down and accepts no new jobs"
      ),
      (
        .limitOutOfRange(0, allowed: 1...1000), "limit_out_of_range",
        "The limit needs to be from 1 to 1000, but is 0"
      ),
    ]
    for (error, code, message) in table {
      #expect(error.code == code)
      #expect(error.description == message)
    }
  }
}
