/// What a client asks for, before it has a name.
package struct JobSubmission: Sendable {
  /// What the client calls it.
  package var name: String?
  /// What the runner needs to know; kept in a row, so small.
  package var request: [UInt8]
  /// The large parts by role, such as `dataset`; each becomes a blob.
  package var blobs: [String: [UInt8]]
  /// Makes the submission safe to repeat.
  package var idempotency: JobIdempotency?
  /// Whose job it will be; nil for nobody's.
  package var owner: JobOwner?
  /// The longest the job may run, in seconds of the wall clock; nil means no limit of its own.
  package var maxSeconds: Int?
  /// Among the jobs of its owner, those of higher priority are claimed first.
  package var priority: Int
  /// The job that it goes on from, whose large parts it shares.
  package var parent: JobID?
  /// Large parts that the parent has.
  package var storedBlobs: [String: BlobID]

  /// Creates a submission.
  package init(
    name: String? = nil, request: [UInt8], blobs: [String: [UInt8]] = [:],
    idempotency: JobIdempotency? = nil, owner: JobOwner? = nil, maxSeconds: Int? = nil,
    priority: Int = 0, parent: JobID? = nil, storedBlobs: [String: BlobID] = [:]
  ) {
    self.name = name
    self.request = request
    self.blobs = blobs
    self.idempotency = idempotency
    self.owner = owner
    self.maxSeconds = maxSeconds
    self.priority = priority
    self.parent = parent
    self.storedBlobs = storedBlobs
  }
}

/// A client's key for one submission, unique among those of its owner, and what tells one submission from another.
package struct JobIdempotency: Hashable, Sendable {
  /// What the client chose.
  package let key: String
  /// Equal exactly for equal submissions, such as a hash of the body.
  package let fingerprint: String

  /// How long a key is remembered after its submission, if the job is not deleted before.
  package static let lifetime: Duration = .seconds(24 * 60 * 60)

  /// Creates a pair of key and fingerprint.
  package init(key: String, fingerprint: String) {
    self.key = key
    self.fingerprint = fingerprint
  }
}

extension NewJob {
  /// Whose jobs it may go on from.
  package var parentAccess: JobAccess { owner.map { .owner($0.name) } ?? .all }
}

/// A submission whose large parts are stored and which has its name.
package struct NewJob: Hashable, Sendable {
  /// The name of the job to be.
  package let id: JobID
  /// What the client calls it.
  package var name: String?
  /// What the runner needs to know.
  package var request: [UInt8]
  /// The stored large parts by role.
  package var blobs: [String: BlobID]
  /// Makes the submission safe to repeat.
  package var idempotency: JobIdempotency?
  /// Whose job it will be; nil for nobody's.
  package var owner: JobOwner?
  /// The longest the job may run, in seconds.
  package var maxSeconds: Int?
  /// Among the jobs of its owner, those of higher priority are claimed first.
  package var priority: Int
  /// The job that it goes on from.
  package var parent: JobID?

  /// Creates a new job.
  package init(
    id: JobID, name: String? = nil, request: [UInt8], blobs: [String: BlobID] = [:],
    idempotency: JobIdempotency? = nil, owner: JobOwner? = nil, maxSeconds: Int? = nil,
    priority: Int = 0, parent: JobID? = nil
  ) {
    self.id = id
    self.name = name
    self.request = request
    self.blobs = blobs
    self.idempotency = idempotency
    self.owner = owner
    self.maxSeconds = maxSeconds
    self.priority = priority
    self.parent = parent
  }
}
