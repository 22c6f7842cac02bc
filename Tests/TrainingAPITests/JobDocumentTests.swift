import Interchange
import Jobs
import NeuralNetwork
import Testing
import TrainingAPI

@Suite("The job object")
struct JobDocumentTests {
  private static let progress = Array(
    #"{"epoch":1,"epochs":3,"fraction":0.5,"samples_per_second":9,"eta_seconds":1.5}"#.utf8)

  private func job(name: String? = "small") throws -> Job {
    let submission = try smallSubmission(name: name)
    return Job(
      id: try #require(JobID("job_0123456789abcdef0123456789abcdef")), name: submission.name,
      createdAt: JobTime(milliseconds: 1_000), request: submission.request)
  }

  /// The members of the job object as text, in their order.
  private func members(_ job: Job) throws -> [(name: String, text: String)] {
    guard case .object(let members) = try job.document() else { return [] }
    return members.map {
      ($0.name, String(decoding: JSONWriter.write($0.value), as: UTF8.self))
    }
  }

  private func check(
    _ job: Job, _ expected: [String: String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let members = try members(job)
    for (name, text) in expected {
      #expect(
        members.first { $0.name == name }?.text == text, "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test("all members are there in every state, in one order")
  func order() throws {
    #expect(
      try members(try job()).map(\.name) == [
        "id", "object", "name", "status", "priority", "parent_id", "created_at", "started_at",
        "finished_at",
        "duration_seconds", "progress", "network", "dataset", "training", "metrics", "result",
        "error", "restarts", "metadata", "links",
      ])
  }

  @Test("queued: what was asked for, and nothing done yet")
  func queued() throws {
    let job = try job(name: nil)
    let links =
      #"{"self":"/jobs/ID","events":"/jobs/ID/events","metrics":"/jobs/ID/metrics","#
      + #""predictions":"/jobs/ID/predictions","figure":"/jobs/ID/figure.svg","#
      + #""model":"/jobs/ID/model"}"#
    try check(
      job,
      [
        "id": "\"\(job.id)\"", "object": #""training.job""#, "name": "null",
        "status": #""queued""#, "created_at": #""1970-01-01T00:00:01.000Z""#,
        "started_at": "null", "finished_at": "null", "duration_seconds": "null",
        "progress":
          #"{"epoch":0,"epochs":3,"fraction":0.0,"samples_per_second":null,"eta_seconds":null}"#,
        "training":
          #"{"epochs":3,"batch_size":2,"loss":{"type":"mse","weight":1.0},"#
          + #""optimizer":{"type":"sgd","learning_rate":0.05,"momentum":0.0,"nesterov":false},"#
          + #""l1":0.0,"l2":0.0,"gradient_clipping":null,"#
          + #""schedule":{"type":"constant","warmup_epochs":0},"early_stopping":null,"#
          + #""seed":7,"shuffle":true,"max_seconds":null,"checkpoint_seconds":null,"task":"binary"}"#,
        "metrics": "null", "result": "null", "error": "null", "restarts": "0",
        "metadata": #"{"owner":"ci"}"#,
        "links": links.replacing("ID", with: job.id.description),
      ])
  }

  @Test("running: its progress, and no end")
  func running() throws {
    var job = try job()
    job.status = .running
    job.startedAt = JobTime(milliseconds: 2_500)
    job.progress = Self.progress
    job.restarts = 2
    try check(
      job,
      [
        "name": #""small""#, "status": #""running""#,
        "started_at": #""1970-01-01T00:00:02.500Z""#, "finished_at": "null",
        "duration_seconds": "null", "progress": String(decoding: Self.progress, as: UTF8.self),
        "restarts": "2",
      ])
  }

  @Test("cancelling: a running job that was asked to stop, and no other")
  func cancelling() throws {
    var job = try job()
    job.cancelRequested = true
    for status in JobStatus.allCases {
      job.status = status
      let shown = status == .running ? "cancelling" : status.rawValue
      try check(job, ["status": "\"\(shown)\""])
    }
  }

  @Test("succeeded: metrics, result and duration")
  func succeeded() throws {
    var job = try job()
    job.status = .succeeded
    job.startedAt = JobTime(milliseconds: 2_500)
    job.finishedAt = JobTime(milliseconds: 2_714)
    job.summary = Array(
      #"{"metrics":{"train":{"loss":0.5}},"result":{"weights_sha256":"ab","epochs":3,"best_epoch":null}}"#
        .utf8)
    try check(
      job,
      [
        "status": #""succeeded""#, "finished_at": #""1970-01-01T00:00:02.714Z""#,
        "duration_seconds": "0.214", "metrics": #"{"train":{"loss":0.5}}"#,
        "result": #"{"weights_sha256":"ab","epochs":3,"best_epoch":null}"#, "error": "null",
      ])
  }

  @Test("failed: code, sentence and place, beside what was kept")
  func failed() throws {
    var job = try job()
    job.status = .failed
    job.error = JobFailure(code: "diverged", message: "Why", pointer: "#/training")
    try check(
      job,
      [
        "status": #""failed""#,
        "error": ##"{"code":"diverged","message":"Why","pointer":"#/training"}"##,
        "metrics": "null", "result": "null",
      ])
    job.error = JobFailure(code: "c", message: "m")
    try check(job, ["error": #"{"code":"c","message":"m","pointer":null}"#])
  }

  @Test("cancelled before it ran: no start, no duration")
  func cancelled() throws {
    var job = try job()
    job.status = .cancelled
    job.finishedAt = JobTime(milliseconds: 3_000)
    try check(
      job,
      [
        "status": #""cancelled""#, "started_at": "null",
        "finished_at": #""1970-01-01T00:00:03.000Z""#, "duration_seconds": "null",
      ])
  }
}
