package import Jobs
package import NeuralNetwork
package import Training

/// A job together with its newest model.
package struct TrainedJob: Sendable {
  package let job: Job
  package let stored: StoredTraining
  package let model: Model

  /// Finds the model that a job ended with, or the newest of a running one.
  ///
  /// - Parameters:
  ///   - job: Any job.
  ///   - manager: Keeps the job's blobs.
  ///   - live: The newest state of running trainings.
  /// - Returns: Nil if nothing has been trained yet.
  /// - Throws: A `JobManagerError` or a ``StoredTrainingError`` if what is kept cannot be read.
  package static func find(
    _ job: Job, in manager: JobManager, _ live: LiveTrainings
  ) async throws -> TrainedJob? {
    if let blob = job.blobs[StoredTraining.weightsRole] {
      let bytes = try await manager.blob(blob)
      return try await offPool {
        let stored = try StoredTraining(job)
        return TrainedJob(job: job, stored: stored, model: try stored.model(bytes))
      }
    }
    guard !job.status.isTerminal, let snapshot = live[job.id] else { return nil }
    return TrainedJob(job: job, stored: try StoredTraining(job), model: snapshot.model)
  }

  /// The samples that the job was given.
  package func dataset(in manager: JobManager) async throws -> Dataset {
    guard let blob = job.blobs[StoredTraining.datasetRole] else {
      throw StoredTrainingError.unreadable("its data set is missing")
    }
    let bytes = try await manager.blob(blob)
    return try await offPool { try stored.dataset(bytes) }
  }
}
