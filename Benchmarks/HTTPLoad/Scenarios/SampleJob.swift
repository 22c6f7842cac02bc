/// Jobs that scenarios post.
enum SampleJob {
  /// A small network on the disc problem; each thousand epochs take some tenths of a second.
  static func disc(epochs: Int) -> String {
    """
    {"network": {"operators": {"1": {"type": "linear", "in_features": 2, "out_features": 25}, \
    "2": "relu", "3": {"type": "linear", "out_features": 25}, "4": "relu", \
    "5": {"type": "linear", "out_features": 1}}, \
    "connectivity": {"1": [2], "2": [3], "3": [4], "4": [5], "5": []}}, \
    "dataset": {"generator": "disc", "train": 1000, "test": 200, "seed": 1}, \
    "training": {"epochs": \(epochs), "batch_size": 10}}
    """
  }

  /// Posts a job and gives its path.
  ///
  /// - Throws: ``LoadError`` if it is not accepted.
  static func post(_ document: String, to client: Client) throws -> String {
    let response = try client.answer(Request(post: "/jobs", document))
    guard response.status == 202, let path = response.head["location"] else {
      throw LoadError("POST /jobs answered \(response.status): \(response.text)")
    }
    return path
  }

  /// How many epochs take so long on this machine, with a server that has nothing else to do.
  static func epochs(taking seconds: Double, by client: Client) throws -> Int {
    let probe = 5_000
    let response = try client.answer(
      Request(post: "/jobs", disc(epochs: probe), headers: ["Prefer: wait=60"]))
    guard let match = response.text.firstMatch(of: #/"duration_seconds":([0-9.e-]+)/#),
      let duration = Double(match.1), duration > 0
    else { throw LoadError("the job did not end: \(response.text)") }
    return min(1_000_000, max(probe, Int(Double(probe) * seconds / duration)))
  }
}
