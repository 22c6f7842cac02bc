import NeuralNetwork
import Testing

/// A wrong request and all that it is answered.
struct FaultCase: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String
  let issues: [ConfigurationIssue]

  init(_ name: String, _ text: String, _ issues: ConfigurationIssue...) {
    (self.name, self.text, self.issues) = (name, text, issues)
  }

  var testDescription: String { name }
}

/// The wrong requests, by the part that is at fault.
enum RequestFaults {
  static let topLevel = [
    FaultCase(
      "empty", "{}",
      issue(
        "#/network", "missing_member",
        "request needs network, an object with operators and connectivity"),
      issue(
        "#/dataset", "missing_member",
        "request needs dataset: samples with inputs and targets, or a generator")),
    FaultCase(
      "no object", "[1]",
      issue("#", "wrong_type", "request must be an object, but is an array"),
      issue(
        "#/network", "missing_member",
        "request needs network, an object with operators and connectivity"),
      issue(
        "#/dataset", "missing_member",
        "request needs dataset: samples with inputs and targets, or a generator")),
    FaultCase(
      "unknown member", requestText(others: #""netwrok": 1"#),
      issue(
        "#/netwrok", "unknown_member",
        "request has no member \"netwrok\"; it takes dataset, metadata, name, network, priority, training"
      )),
    FaultCase(
      "empty name", requestText(others: #""name": """#),
      issue(
        "#/name", "invalid_value",
        "name of request must be a string of 1 to 128 characters, but is \"\"")),
    FaultCase(
      "name of another type", requestText(others: #""name": 7"#),
      issue(
        "#/name", "invalid_value",
        "name of request must be a string of 1 to 128 characters, but is 7")),
    FaultCase(
      "metadata is no object", requestText(others: #""metadata": "ci""#),
      issue("#/metadata", "wrong_type", "metadata must be an object, but is \"ci\"")),
    FaultCase(
      "metadata with a number", requestText(others: #""metadata": {"a": 1}"#),
      issue(
        "#/metadata/a", "invalid_value",
        "a of metadata must be a string of 0 to 512 characters, but is 1")),
    FaultCase(
      "network is no object", requestText(network: "7"),
      issue("#/network", "wrong_type", "network must be an object, but is 7"),
      issue(
        "#/network/operators", "missing_member",
        "network needs operators, an object of operators by id"),
      issue(
        "#/network/connectivity", "missing_member",
        "network needs connectivity, an object from each operator's id to the ids of its consumers")
    ),
  ]

  private static func samples(_ inputs: String, _ targets: String) -> String {
    requestText(dataset: "{\"train\": {\"inputs\": \(inputs), \"targets\": \(targets)}}")
  }

  static let dataset = [
    FaultCase(
      "no object", requestText(dataset: "3"),
      issue("#/dataset", "wrong_type", "dataset must be an object, but is 3"),
      issue(
        "#/dataset/train", "missing_member",
        "dataset needs train, an object with inputs and targets, or generator")),
    FaultCase(
      "without train", requestText(dataset: "{\"test\": \(smallSamples)}"),
      issue(
        "#/dataset/train", "missing_member",
        "dataset needs train, an object with inputs and targets, or generator")),
    FaultCase(
      "unknown member", requestText(dataset: "{\"train\": \(smallSamples), \"tset\": 1}"),
      issue(
        "#/dataset/tset", "unknown_member",
        "dataset has no member \"tset\"; it takes generator, test, train, validation")),
    FaultCase(
      "unknown member of a split",
      requestText(dataset: #"{"train": {"inputs": [[1, 2]], "targets": [[1]], "labels": [1]}}"#),
      issue(
        "#/dataset/train/labels", "unknown_member",
        "dataset.train has no member \"labels\"; it takes inputs, targets, weights")),
    FaultCase(
      "missing targets", requestText(dataset: #"{"train": {"inputs": [[1, 2]]}}"#),
      issue(
        "#/dataset/train/targets", "missing_member",
        "dataset.train needs targets, an array of numbers")),
    FaultCase(
      "ragged rows", samples("[[1, 2], [3]]", "[[1], [0]]"),
      issue(
        "#/dataset/train/inputs/1", "ragged_rows",
        "inputs of dataset.train: row 1 has 1 entry but row 0 has 2")),
    FaultCase(
      "a word among the numbers", samples("[[1, 2], [3, \"a\"]]", "[[1], [0]]"),
      issue(
        "#/dataset/train/inputs/1/1", "not_a_number",
        "inputs of dataset.train: entry [1][1] is a string, expected a number")),
    FaultCase(
      "null among the numbers", samples("[[1, 2], [3, 4]]", "[[1], [null]]"),
      issue(
        "#/dataset/train/targets/1/0", "not_a_number",
        "targets of dataset.train: entry [1][0] is null, expected a number")),
    FaultCase(
      "a flat column", samples("[[1, 2], [3, 4]]", "[1, 0]"),
      issue(
        "#/dataset/train/targets", "shape_mismatch",
        "targets of dataset.train must be rows of numbers, shape [samples, features], but has the "
          + "shape [2]; write a single column as [[1], [2]]")),
    FaultCase(
      "no samples", samples("[]", "[]"),
      issue(
        "#/dataset/train/inputs", "shape_mismatch",
        "inputs of dataset.train must be rows of numbers, shape [samples, features], but has the "
          + "shape [0]; write a single column as [[1], [2]]"),
      issue(
        "#/dataset/train/targets", "shape_mismatch",
        "targets of dataset.train must be rows of numbers, shape [samples, features], but has the "
          + "shape [0]; write a single column as [[1], [2]]")),
    FaultCase(
      "a number instead of rows", samples("7", "[[1]]"),
      issue(
        "#/dataset/train/inputs", "invalid_value",
        "inputs of dataset.train must be an array of numbers, but is 7")),
    FaultCase(
      "too many target columns", samples("[[1, 2]]", "[[1, 0]]"),
      issue(
        "#/dataset/train/targets", "shape_mismatch",
        "output 1 of the network has 1 feature but the table targets of dataset.train has 2")),
    FaultCase(
      "another number of features in the test split",
      requestText(
        dataset: "{\"train\": \(smallSamples), \"test\": {\"inputs\": [[1]], \"targets\": [[1]]}}"),
      issue(
        "#/dataset/test/inputs", "shape_mismatch",
        "input x of the network has 2 features but the table inputs of dataset.test has 1")),
    FaultCase(
      "another number of features than the first operator takes",
      samples("[[1, 2, 3]]", "[[1]]"),
      issue(
        "#/network/operators/1/in_features", "shape_mismatch",
        "operator 1 (linear) expects 2 features but input x gives 3")),
    FaultCase(
      "another number of rows", samples("[[1, 2], [3, 4]]", "[[1], [0], [1]]"),
      issue(
        "#/dataset/train/targets", "row_mismatch",
        "the table targets of dataset.train has 3 rows but the table inputs of dataset.train has "
          + "2; each needs a row for each sample")),
    FaultCase(
      "more columns than features are allowed",
      samples("[[\(Array(repeating: "0", count: 65_537).joined(separator: ","))]]", "[[1]]"),
      issue(
        "#/dataset/train/inputs", "over_limit",
        "inputs of dataset.train has 65537 columns, but at most 65536 are allowed")),
  ]

  private static func figureOneSamples(_ inputs: String, _ targets: String) -> String {
    requestText(
      network: figureOne,
      dataset: "{\"train\": {\"inputs\": \(inputs), \"targets\": \(targets)}}")
  }

  static let names = [
    FaultCase(
      "one table for two inputs", figureOneSamples("[[1, 2]]", "[[1]]"),
      issue(
        "#/dataset/train/inputs", "missing_input",
        "the network has 2 inputs, so inputs of dataset.train must be an object with a table for "
          + "each: x1, x2")),
    FaultCase(
      "an unknown and a missing input", figureOneSamples(#"{"x1": [[1, 2]], "y": [[1]]}"#, "[[1]]"),
      issue(
        "#/dataset/train/inputs/y", "unknown_input", "the network has no input y; it has x1, x2"),
      issue(
        "#/dataset/train/inputs", "missing_input",
        "the network's input x2 has no table in inputs of dataset.train")),
    FaultCase(
      "a named input of another width",
      figureOneSamples(#"{"x1": [[1, 2, 3]], "x2": [[1]]}"#, "[[1]]"),
      issue(
        "#/network/operators/1/in_features", "shape_mismatch",
        "operator 1 (linear) expects 2 features but input x1 gives 3")),
    FaultCase(
      "an unknown output", figureOneSamples(#"{"x1": [[1, 2]], "x2": [[1]]}"#, #"{"4": [[1]]}"#),
      issue(
        "#/dataset/train/targets/4", "unknown_output", "the network has no output 4; it has 5"),
      issue(
        "#/dataset/train/targets", "missing_output",
        "the network's output 5 has no table in targets of dataset.train")),
    FaultCase(
      "an unknown input of a network that does not tell its shape",
      requestText(
        network: #"{"operators": {"1": "relu"}, "connectivity": {"1": []}}"#,
        dataset: #"{"train": {"inputs": {"a": [[1]]}, "targets": [[1]]}}"#),
      issue("#/dataset/train/inputs/a", "unknown_input", "the network has no input a; it has x"),
      issue(
        "#/dataset/train/inputs", "missing_input",
        "the network's input x has no table in inputs of dataset.train")),
    FaultCase(
      "one table for two inputs of a network that does not tell their shapes",
      requestText(
        network: """
          {"operators": {"1": "relu", "2": "relu"}, "connectivity": {"1": [], "2": []},
           "inputs": {"a": [1], "b": [2]}}
          """,
        dataset: #"{"train": {"inputs": [[1]], "targets": {"1": [[1]], "2": [[1]]}}}"#),
      issue(
        "#/dataset/train/inputs", "missing_input",
        "the network has 2 inputs, so inputs of dataset.train must be an object with a table for "
          + "each: a, b")),
    FaultCase(
      "a wrong name beside a fault of the network",
      requestText(
        network: #"{"operators": {"1": "relu"}, "connectivity": {"1": [2]}}"#,
        dataset: #"{"train": {"inputs": {"a": [[1]]}, "targets": [[1]]}}"#),
      issue(
        "#/network/connectivity/1/0", "unknown_operator",
        "operator 1 (relu) feeds operator 2, which is not in operators"),
      issue("#/dataset/train/inputs/a", "unknown_input", "the network has no input a; it has x"),
      issue(
        "#/dataset/train/inputs", "missing_input",
        "the network's input x has no table in inputs of dataset.train")),
    FaultCase(
      "a network that names no input",
      requestText(
        network: #"{"operators": {"1": "relu"}, "connectivity": {"1": []}, "inputs": {}}"#,
        dataset: #"{"train": {"inputs": [[1]], "targets": [[1]]}}"#),
      issue("#/network/inputs", "missing_member", "inputs must name at least one input"),
      issue(
        "#/network/operators/1", "unreachable",
        "operator 1 (relu) has no path from an input; feed it by an operator or name it in inputs")
    ),
    FaultCase(
      "a named table that is ragged",
      figureOneSamples(#"{"x1": [[1, 2], [3]], "x2": [[1], [1]]}"#, "[[1], [2]]"),
      issue(
        "#/dataset/train/inputs/x1/1", "ragged_rows",
        "x1 of inputs of dataset.train: row 1 has 1 entry but row 0 has 2")),
    FaultCase(
      "a named table with another number of rows",
      figureOneSamples(#"{"x1": [[1, 2], [3, 4]], "x2": [[1]]}"#, "[[1], [2]]"),
      issue(
        "#/dataset/train/inputs/x2", "row_mismatch",
        "the table x2 of inputs of dataset.train has 1 row but the table x1 of inputs of "
          + "dataset.train has 2; each needs a row for each sample")),
    FaultCase(
      "a named table of another width in the validation split",
      requestText(
        network: figureOne,
        dataset: """
          {"train": {"inputs": {"x1": [[1, 2]], "x2": [[1]]}, "targets": [[1]]},
           "validation": {"inputs": {"x1": [[1]], "x2": [[1]]}, "targets": {"5": [[1, 2]]}}}
          """),
      issue(
        "#/dataset/validation/inputs/x1", "shape_mismatch",
        "input x1 of the network has 2 features but the table x1 of inputs of dataset.validation "
          + "has 1"),
      issue(
        "#/dataset/validation/targets/5", "shape_mismatch",
        "output 5 of the network has 1 feature but the table 5 of targets of dataset.validation "
          + "has 2")),
  ]

  static let generator = [
    FaultCase(
      "unknown", requestText(dataset: #"{"generator": "spiral", "train": 10}"#),
      issue(
        "#/dataset/generator", "unknown_choice",
        "generator of dataset must be one of \"line\", \"disc\", but is \"spiral\"")),
    FaultCase(
      "without train", requestText(dataset: #"{"generator": "disc"}"#),
      issue(
        "#/dataset/train", "missing_member",
        "dataset needs train, an integer from 1 to 1000000")),
    FaultCase(
      "too many rows and a negative seed",
      requestText(dataset: #"{"generator": "disc", "train": 1000001, "test": 0, "seed": -1}"#),
      issue(
        "#/dataset/train", "invalid_value",
        "train of dataset must be an integer from 1 to 1000000, but is 1000001"),
      issue(
        "#/dataset/test", "invalid_value",
        "test of dataset must be an integer from 1 to 1000000, but is 0"),
      issue(
        "#/dataset/seed", "invalid_value",
        "seed of dataset must be an integer from 0 to 9223372036854775807, but is -1")),
    FaultCase(
      "unknown member", requestText(dataset: #"{"generator": "line", "train": 10, "noise": 0.1}"#),
      issue(
        "#/dataset/noise", "unknown_member",
        "dataset has no member \"noise\"; it takes generator, seed, test, train, validation")),
    FaultCase(
      "another number of features than the network takes",
      requestText(
        network:
          #"{"operators": {"1": {"type": "linear", "in_features": 3, "out_features": 1}}, "#
          + #""connectivity": {"1": []}}"#,
        dataset: #"{"generator": "line", "train": 10}"#),
      issue(
        "#/network/operators/1/in_features", "shape_mismatch",
        "operator 1 (linear) expects 3 features but input x gives 2")),
  ]

  private static func trained(_ text: String) -> String { requestText(training: text) }

  static let training = [
    FaultCase(
      "no object", trained("[]"),
      issue("#/training", "wrong_type", "training must be an object, but is an array")),
    FaultCase(
      "counts out of range", trained(#"{"epochs": 1000001, "batch_size": 0}"#),
      issue(
        "#/training/epochs", "invalid_value",
        "epochs of training must be an integer from 1 to 1000000, but is 1000001"),
      issue(
        "#/training/batch_size", "invalid_value",
        "batch_size of training must be an integer from 1 to 1000000, but is 0")),
    FaultCase(
      "a fraction of an epoch", trained(#"{"epochs": 1.5}"#),
      issue(
        "#/training/epochs", "invalid_value",
        "epochs of training must be an integer from 1 to 1000000, but is 1.5")),
    FaultCase(
      "words for numbers", trained(#"{"seed": "1", "shuffle": "yes"}"#),
      issue(
        "#/training/seed", "invalid_value",
        "seed of training must be an integer from 0 to 9223372036854775807, but is \"1\""),
      issue(
        "#/training/shuffle", "invalid_value",
        "shuffle of training must be true or false, but is \"yes\"")),
    FaultCase(
      "unknown task", trained(#"{"task": "clustering"}"#),
      issue(
        "#/training/task", "unknown_choice",
        "task of training must be one of \"binary\", \"multiclass\", \"regression\", "
          + "but is \"clustering\"")),
    FaultCase(
      "a task that the targets do not allow", trained(#"{"task": "multiclass"}"#),
      issue(
        "#/training/task", "invalid_task",
        "task multiclass needs targets of a column for each class, but they have 1; "
          + "leave task out to have it inferred")),
    FaultCase(
      "unknown member", trained(#"{"epoch": 5}"#),
      issue(
        "#/training/epoch", "unknown_member",
        "training has no member \"epoch\"; it takes batch_size, checkpoint_seconds, "
          + "early_stopping, epochs, gradient_clipping, l1, l2, loss, losses, max_seconds, optimizer, "
          + "schedule, seed, shuffle, task")),
  ]
}
