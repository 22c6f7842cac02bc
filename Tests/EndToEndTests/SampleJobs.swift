/// Jobs as clients post them.
enum SampleJobs {
  /// The paper's second problem for a small network.
  static func disc(
    name: String? = nil, epochs: Int = 5, train: Int = 40, test: Int = 20, seed: Int = 1,
    hidden: Int = 4
  ) -> String {
    """
    {\(name.map { "\"name\": \"\($0)\", " } ?? "")
     "network": {"operators": {"1": {"type": "linear", "out_features": \(hidden)}, "2": "relu",
                               "3": {"type": "linear", "out_features": 1}},
                 "connectivity": {"1": [2], "2": [3], "3": []}},
     "dataset": {"generator": "disc", "train": \(train), "test": \(test), "seed": \(seed)},
     "training": {"epochs": \(epochs), "batch_size": 10, "seed": \(seed)}}
    """
  }

  /// Runs until it is stopped: hours.
  static let endless = disc(name: "endless", epochs: 1_000_000, train: 1_000)

  /// Data of the client's own, whose loss can be worked out by hand.
  static let inline = """
    {"network": {"operators": {"1": {"type": "linear", "weight": [[1, 0]], "bias": [0]}},
                 "connectivity": {"1": []}},
     "dataset": {"train": {"inputs": [[0, 5], [1, 5], [1, 5], [0, 5]],
                           "targets": [[0], [1], [0], [1]]},
                 "validation": {"inputs": [[1, 0]], "targets": [[1]]}},
     "training": {"epochs": 2, "optimizer": {"type": "sgd", "learning_rate": 0}},
     "metadata": {"owner": "ci"}}
    """

  /// The paper's Figure 1: two named inputs that meet in a sum.
  static let figureOne = """
    {"network": {"operators": {
       "1": {"type": "linear", "in_features": 2, "out_features": 3}, "2": "relu",
       "3": {"type": "linear", "in_features": 1, "out_features": 3}, "4": "sum",
       "5": {"type": "linear", "out_features": 1}},
     "connectivity": {"1": [2], "2": [4], "3": [4], "4": [5], "5": []},
     "inputs": {"x1": [1], "x2": [3]}},
     "dataset": {"train": {
       "inputs": {"x1": [[0, 0], [0, 1], [1, 0], [1, 1]], "x2": [[0], [1], [1], [0]]},
       "targets": {"5": [[0.1], [0.7], [0.4], [0.9]]}}},
     "training": {"epochs": 300, "batch_size": 4,
                  "optimizer": {"type": "sgd", "learning_rate": 0.1}, "seed": 3}}
    """

  /// A network with an unknown id, a dead end, a cycle and a shape mismatch.
  static let fourFaults = """
    {"network": {"operators": {
       "1": {"type": "linear", "in_features": 2, "out_features": 25}, "2": "relu",
       "3": {"type": "linear", "in_features": 16, "out_features": 25},
       "4": "relu", "5": "relu", "6": {"type": "linear", "out_features": 1},
       "7": {"type": "linear", "out_features": 1}},
     "connectivity": {"1": [2, 9], "2": [3, 7], "3": [6], "4": [5], "5": [4], "6": []}},
     "dataset": {"generator": "disc", "train": 10}}
    """
}
