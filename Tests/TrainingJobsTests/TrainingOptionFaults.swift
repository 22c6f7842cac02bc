import NeuralNetwork

// The wrong requests of the training options, in the order of the options.

extension RequestFaults {
  /// Output `a` of one feature, `b` of three.
  private static func twoOutputs(_ training: String) -> String {
    requestText(
      network: """
        {"operators": {"a": {"type": "linear", "out_features": 1},
                       "b": {"type": "linear", "out_features": 3}},
         "connectivity": {"a": [], "b": []}}
        """,
      dataset: """
        {"train": {"inputs": [[1, 2], [3, 4]],
                   "targets": {"a": [[0], [1]], "b": [[1, 0, 0], [0, 0, 1]]}}}
        """, training: training)
  }

  private static let kindsOfLoss =
    #""bce", "bce_with_logits", "cross_entropy", "huber", "mae", "mse""#

  static let losses = [
    FaultCase(
      "unknown", requestText(training: #"{"loss": "mes"}"#),
      issue(
        "#/training/loss", "unknown_choice",
        "type of loss mes must be one of \(kindsOfLoss), but is \"mes\"")),
    FaultCase(
      "without type", requestText(training: #"{"loss": {"weight": 1}}"#),
      issue(
        "#/training/loss/type", "missing_member", "loss needs type, one of \(kindsOfLoss)")),
    FaultCase(
      "options out of range",
      requestText(training: #"{"loss": {"type": "huber", "delta": 0, "weight": -1}}"#),
      issue(
        "#/training/loss/delta", "invalid_value",
        "delta of loss huber must be a number from 1e-06 to 1000000, but is 0"),
      issue(
        "#/training/loss/weight", "invalid_value",
        "weight of loss huber must be a number from 0 to 1000000, but is -1")),
    FaultCase(
      "an option of another kind", requestText(training: #"{"loss": {"type": "mae", "delta": 1}}"#),
      issue(
        "#/training/loss/delta", "unknown_member",
        "loss mae has no member \"delta\"; it takes type, weight")),
    FaultCase(
      "both loss and losses", twoOutputs(#"{"loss": "mse", "losses": {"a": "mse", "b": "mae"}}"#),
      issue(
        "#/training/loss", "invalid_value",
        "training has both loss and losses; leave loss out where each output has its own")),
    FaultCase(
      "losses is no object", twoOutputs(#"{"losses": "mse"}"#),
      issue("#/training/losses", "wrong_type", "losses must be an object, but is \"mse\"")),
    FaultCase(
      "an output without loss, and a loss without output",
      twoOutputs(#"{"losses": {"a": "mse", "b": null, "c": "mse"}}"#),
      issue(
        "#/training/losses", "missing_output", "the network's output b has no loss in losses"),
      issue(
        "#/training/losses/c", "unknown_output", "the network has no output c; it has a, b")),
    FaultCase(
      "a name that is no id", twoOutputs(#"{"losses": {"a": "mse", "b": "mse", "c d": "mse"}}"#),
      issue(
        "#/training/losses/c%20d", "invalid_id",
        "\"c d\" is no id: an id is \(OperatorID.grammar)")),
    FaultCase(
      "an unknown loss of an output",
      twoOutputs(#"{"losses": {"a": "mse", "b": {"type": "mes"}}}"#),
      issue(
        "#/training/losses/b/type", "unknown_choice",
        "type of loss mes of output b must be one of \(kindsOfLoss), but is \"mes\"")),
    FaultCase(
      "cross_entropy of one feature", twoOutputs(#"{"loss": "cross_entropy"}"#),
      issue(
        "#/training/loss", "shape_mismatch",
        "loss cross_entropy needs an output with a feature for each of 2 or more classes, but output "
          + "a has 1; bce_with_logits judges a single one")),
    FaultCase(
      "class_weights of two classes that are not two",
      requestText(training: #"{"loss": {"type": "bce", "class_weights": [1, 2, 3]}}"#),
      issue(
        "#/training/loss/class_weights", "invalid_value",
        "class_weights of loss bce must be an array of 2 numbers from 0 to 1000000, one for each "
          + "class, but there are 3")),
    FaultCase(
      "class_weights of another type",
      requestText(training: #"{"loss": {"type": "bce_with_logits", "class_weights": "balanced"}}"#),
      issue(
        "#/training/loss/class_weights", "invalid_value",
        "class_weights of loss bce_with_logits must be an array of 2 numbers from 0 to 1000000, one "
          + "for each class, but it is \"balanced\"")),
    FaultCase(
      "a class_weight below 0, and too few",
      twoOutputs(
        """
        {"losses": {"a": {"type": "bce", "class_weights": [1, -2]},
                    "b": {"type": "cross_entropy", "class_weights": [1]}}}
        """),
      issue(
        "#/training/losses/a/class_weights", "invalid_value",
        "class_weights of loss bce of output a must be an array of 2 numbers from 0 to 1000000, one "
          + "for each class, but one is -2.0"),
      issue(
        "#/training/losses/b/class_weights", "invalid_value",
        "class_weights of loss cross_entropy of output b must be an array of 2 or more numbers from "
          + "0 to 1000000, one for each class, but there is 1")),
    FaultCase(
      "class_weights for another number of classes",
      twoOutputs(
        #"{"losses": {"a": "mse", "b": {"type": "cross_entropy", "class_weights": [1, 2]}}}"#),
      issue(
        "#/training/losses/b/class_weights", "shape_mismatch",
        "class_weights of loss cross_entropy has 2 numbers, but output b has 3 classes")),
    FaultCase(
      "class_weights on an output of several features",
      twoOutputs(#"{"losses": {"a": "mse", "b": {"type": "bce", "class_weights": [1, 2]}}}"#),
      issue(
        "#/training/losses/b/class_weights", "shape_mismatch",
        "class_weights of loss bce need an output with 1 feature, but output b has 3; leave "
          + "class_weights out, or take loss cross_entropy")),
  ]

  private static func judged(_ loss: String, features: Int, _ targets: String) -> String {
    let network =
      #"{"operators": {"1": {"type": "linear", "out_features": \#(features)}}, "#
      + #""connectivity": {"1": []}}"#
    return requestText(
      network: network,
      dataset: #"{"train": {"inputs": [[1, 2], [3, 4]], "targets": \#(targets)}}"#,
      training: #"{"loss": "\#(loss)"}"#)
  }

  static let targets = [
    FaultCase(
      "above 1 for bce", judged("bce", features: 2, "[[0, 1], [0.5, 1.5]]"),
      issue(
        "#/dataset/train/targets/1", "invalid_target",
        "the target 1.5 in row 1, column 1 is not from 0 to 1, as loss bce of output 1 needs it; "
          + "scale the targets or take another loss, such as mse")),
    FaultCase(
      "below 0 for bce_with_logits", judged("bce_with_logits", features: 1, "[[-1], [1]]"),
      issue(
        "#/dataset/train/targets/0", "invalid_target",
        "the target -1.0 in row 0, column 0 is not from 0 to 1, as loss bce_with_logits of output 1 "
          + "needs it; scale the targets or take another loss, such as mse")),
    FaultCase(
      "in the validation split, by name",
      requestText(
        dataset: """
          {"train": \(smallSamples),
           "validation": {"inputs": [[1, 2]], "targets": {"1": [[2]]}}}
          """, training: #"{"loss": "bce"}"#),
      issue(
        "#/dataset/validation/targets/1/0", "invalid_target",
        "the target 2.0 in row 0, column 0 is not from 0 to 1, as loss bce of output 1 needs it; "
          + "scale the targets or take another loss, such as mse")),
    FaultCase(
      "a class number that is none", judged("cross_entropy", features: 3, "[[2], [3]]"),
      issue(
        "#/dataset/train/targets/1", "invalid_target",
        "the target 3.0 in row 1 is no class: output 1 has the classes 0 to 2")),
    FaultCase(
      "class numbers of more classes than there is room for",
      requestText(
        network: """
          {"operators": {"1": {"type": "linear", "in_features": 2, "out_features": 65536}},
           "connectivity": {"1": []}}
          """,
        dataset: #"{"generator": "disc", "train": 2000}"#,
        training: #"{"loss": "cross_entropy", "task": "regression"}"#),
      issue(
        "#/dataset/train/targets", "over_limit",
        "class numbers of 2000 rows in 65536 classes become 131072000 numbers, but at most 67108864 "
          + "are allowed; give fewer rows or classes")),
    FaultCase(
      "a class number with a fraction", judged("cross_entropy", features: 3, "[[0.5], [-1]]"),
      issue(
        "#/dataset/train/targets/0", "invalid_target",
        "the target 0.5 in row 0 is no class: output 1 has the classes 0 to 2")),
    FaultCase(
      "shares that do not add up",
      judged("cross_entropy", features: 2, "[[0.5, 0.5], [0.5, 0.25]]"),
      issue(
        "#/dataset/train/targets/1", "invalid_target",
        "the targets in row 1 add up to 0.75, but the shares of classes that loss cross_entropy of "
          + "output 1 needs add up to 1; a class number in a single column will do too")),
    FaultCase(
      "shares out of range", judged("cross_entropy", features: 2, "[[2, -1], [1, 0]]"),
      issue(
        "#/dataset/train/targets/0", "invalid_target",
        "the target 2.0 in row 0, column 0 is not from 0 to 1, as loss cross_entropy of output 1 "
          + "needs it; scale the targets or take another loss, such as mse")),
    FaultCase(
      "class numbers for another loss", judged("mse", features: 3, "[[0], [2]]"),
      issue(
        "#/dataset/train/targets", "shape_mismatch",
        "output 1 of the network has 3 features but the table targets of dataset.train has 1; class "
          + "numbers in one column need the loss cross_entropy")),
  ]

  private static func weighted(_ weights: String) -> String {
    requestText(
      dataset: """
        {"train": {"inputs": [[0, 0], [0, 1], [1, 0]], "targets": [[0], [1], [1]],
                   "weights": \(weights)}}
        """)
  }

  static let weights = [
    FaultCase(
      "negative", weighted("[1, 0.5, -2]"),
      issue(
        "#/dataset/train/weights/2", "invalid_value",
        "weight -2.0 of sample 2 in dataset.train must be at least 0")),
    FaultCase(
      "all 0", weighted("[0, 0, 0]"),
      issue(
        "#/dataset/train/weights", "invalid_value",
        "weights of dataset.train are all 0; at least one sample must count")),
    FaultCase(
      "too few", weighted("[1, 2]"),
      issue(
        "#/dataset/train/weights", "row_mismatch",
        "the table weights of dataset.train has 2 rows but the table inputs of dataset.train has 3; "
          + "each needs a row for each sample")),
    FaultCase(
      "none", weighted("[]"),
      issue(
        "#/dataset/train/weights", "row_mismatch",
        "the table weights of dataset.train has 0 rows but the table inputs of dataset.train has 3; "
          + "each needs a row for each sample")),
    FaultCase(
      "in a column", weighted("[[1], [2], [3]]"),
      issue(
        "#/dataset/train/weights", "shape_mismatch",
        "weights of dataset.train must be a number for each sample, shape [samples], but has the "
          + "shape [3, 1]; write [1, 2], not [[1], [2]]")),
    FaultCase(
      "a word", weighted(#""balanced""#),
      issue(
        "#/dataset/train/weights", "invalid_value",
        "weights of dataset.train must be an array of numbers, but is \"balanced\"")),
    FaultCase(
      "a word among the numbers", weighted(#"[1, "a", 2]"#),
      issue(
        "#/dataset/train/weights/1", "not_a_number",
        "weights of dataset.train: entry 1 is a string, expected a number")),
    FaultCase(
      "of a generator",
      requestText(dataset: #"{"generator": "disc", "train": 2, "weights": [1, 2]}"#),
      issue(
        "#/dataset/weights", "unknown_member",
        "dataset has no member \"weights\"; it takes generator, seed, test, train, validation")),
  ]

  private static let kindsOfOptimizer = #""adagrad", "adam", "adamw", "rmsprop", "sgd""#

  private static func optimizer(_ optimizer: String) -> String {
    requestText(training: #"{"optimizer": \#(optimizer)}"#)
  }

  static let steps = [
    FaultCase(
      "unknown optimizer", optimizer(#"{"type": "sdg", "learning_rate": 1}"#),
      issue(
        "#/training/optimizer/type", "unknown_choice",
        "type of optimizer sdg must be one of \(kindsOfOptimizer), but is \"sdg\"")),
    FaultCase(
      "optimizer without type", optimizer(#"{"learning_rate": 1}"#),
      issue(
        "#/training/optimizer/type", "missing_member",
        "optimizer needs type, one of \(kindsOfOptimizer)")),
    FaultCase(
      "negative learning rate and an option of another kind",
      optimizer(#"{"type": "sgd", "learning_rate": -0.1, "beta1": 0.9}"#),
      issue(
        "#/training/optimizer/learning_rate", "invalid_value",
        "learning_rate of optimizer sgd must be a number from 0 to 1000000, but is -0.1"),
      issue(
        "#/training/optimizer/beta1", "unknown_member",
        "optimizer sgd has no member \"beta1\"; it takes learning_rate, momentum, nesterov, type")),
    FaultCase(
      "nesterov without momentum", optimizer(#"{"type": "sgd", "nesterov": true}"#),
      issue(
        "#/training/optimizer/nesterov", "invalid_value",
        "nesterov of optimizer sgd needs a momentum above 0, but momentum is 0")),
    FaultCase(
      "nesterov with a momentum at fault",
      optimizer(#"{"type": "sgd", "momentum": 1, "nesterov": true}"#),
      issue(
        "#/training/optimizer/momentum", "invalid_value",
        "momentum of optimizer sgd must be a number from 0 to 0.9999999, but is 1")),
    FaultCase(
      "adam out of range",
      optimizer(#"{"type": "adam", "beta1": 1, "beta2": -0.1, "epsilon": 0}"#),
      issue(
        "#/training/optimizer/beta1", "invalid_value",
        "beta1 of optimizer adam must be a number from 0 to 0.9999999, but is 1"),
      issue(
        "#/training/optimizer/beta2", "invalid_value",
        "beta2 of optimizer adam must be a number from 0 to 0.9999999, but is -0.1"),
      issue(
        "#/training/optimizer/epsilon", "invalid_value",
        "epsilon of optimizer adam must be a number from 1e-30 to 1, but is 0")),
    FaultCase(
      "adamw out of range", optimizer(#"{"type": "adamw", "weight_decay": -1}"#),
      issue(
        "#/training/optimizer/weight_decay", "invalid_value",
        "weight_decay of optimizer adamw must be a number from 0 to 1000, but is -1")),
    FaultCase(
      "rmsprop out of range", optimizer(#"{"type": "rmsprop", "alpha": 1, "momentum": 1}"#),
      issue(
        "#/training/optimizer/alpha", "invalid_value",
        "alpha of optimizer rmsprop must be a number from 0 to 0.9999999, but is 1"),
      issue(
        "#/training/optimizer/momentum", "invalid_value",
        "momentum of optimizer rmsprop must be a number from 0 to 0.9999999, but is 1")),
    FaultCase(
      "adagrad out of range", optimizer(#"{"type": "adagrad", "epsilon": 2}"#),
      issue(
        "#/training/optimizer/epsilon", "invalid_value",
        "epsilon of optimizer adagrad must be a number from 1e-30 to 1, but is 2")),
    FaultCase(
      "negative penalties", requestText(training: #"{"l1": -1, "l2": "0.1"}"#),
      issue(
        "#/training/l1", "invalid_value",
        "l1 of training must be a number from 0 to 1000000, but is -1"),
      issue(
        "#/training/l2", "invalid_value",
        "l2 of training must be a number from 0 to 1000000, but is \"0.1\"")),
    FaultCase(
      "clipping by neither", requestText(training: #"{"gradient_clipping": {}}"#),
      issue(
        "#/training/gradient_clipping", "invalid_value",
        "gradient_clipping must have one of norm and value, but has neither")),
    FaultCase(
      "clipping by both", requestText(training: #"{"gradient_clipping": {"norm": 1, "value": 1}}"#),
      issue(
        "#/training/gradient_clipping", "invalid_value",
        "gradient_clipping must have one of norm and value, but has both")),
    FaultCase(
      "clipping to nothing, and an unknown member",
      requestText(training: #"{"gradient_clipping": {"norm": 0, "type": "l2"}}"#),
      issue(
        "#/training/gradient_clipping/norm", "invalid_value",
        "norm of gradient_clipping must be a number from 1e-12 to 1000000000000, but is 0"),
      issue(
        "#/training/gradient_clipping/type", "unknown_member",
        "gradient_clipping has no member \"type\"; it takes norm, value")),
    FaultCase(
      "clipping that is no object", requestText(training: #"{"gradient_clipping": 1}"#),
      issue(
        "#/training/gradient_clipping", "wrong_type",
        "gradient_clipping must be an object, but is 1")),
  ]

  private static func schedule(_ schedule: String) -> String {
    requestText(training: #"{"schedule": \#(schedule)}"#)
  }

  static let epochs = [
    FaultCase(
      "unknown schedule", schedule(#""linear""#),
      issue(
        "#/training/schedule", "unknown_choice",
        "type of schedule linear must be one of \"constant\", \"cosine\", \"exponential\", "
          + "\"reduce_on_plateau\", \"step\", but is \"linear\"")),
    FaultCase(
      "step without step_size", schedule(#""step""#),
      issue(
        "#/training/schedule", "missing_member",
        "schedule step needs step_size, an integer from 1 to 1000000")),
    FaultCase(
      "step out of range",
      schedule(#"{"type": "step", "step_size": 0, "gamma": 11, "warmup_epochs": -1}"#),
      issue(
        "#/training/schedule/step_size", "invalid_value",
        "step_size of schedule step must be an integer from 1 to 1000000, but is 0"),
      issue(
        "#/training/schedule/gamma", "invalid_value",
        "gamma of schedule step must be a number from 0 to 10, but is 11"),
      issue(
        "#/training/schedule/warmup_epochs", "invalid_value",
        "warmup_epochs of schedule step must be an integer from 0 to 1000000, but is -1")),
    FaultCase(
      "exponential without gamma", schedule(#"{"type": "exponential", "warmup_epochs": 2}"#),
      issue(
        "#/training/schedule/gamma", "missing_member",
        "schedule exponential needs gamma, a number from 0 to 10")),
    FaultCase(
      "cosine out of range", schedule(#"{"type": "cosine", "minimum": -1, "period": 0}"#),
      issue(
        "#/training/schedule/minimum", "invalid_value",
        "minimum of schedule cosine must be a number from 0 to 1000000, but is -1"),
      issue(
        "#/training/schedule/period", "invalid_value",
        "period of schedule cosine must be an integer from 1 to 1000000, but is 0")),
    FaultCase(
      "reduce_on_plateau out of range",
      schedule(
        #"{"type": "reduce_on_plateau", "factor": 1, "patience": -1, "threshold": 2, "minimum": -1}"#
      ),
      issue(
        "#/training/schedule/factor", "invalid_value",
        "factor of schedule reduce_on_plateau must be a number from 0 to 0.999999, but is 1"),
      issue(
        "#/training/schedule/patience", "invalid_value",
        "patience of schedule reduce_on_plateau must be an integer from 0 to 1000000, but is -1"),
      issue(
        "#/training/schedule/threshold", "invalid_value",
        "threshold of schedule reduce_on_plateau must be a number from 0 to 1, but is 2"),
      issue(
        "#/training/schedule/minimum", "invalid_value",
        "minimum of schedule reduce_on_plateau must be a number from 0 to 1000000, but is -1")),
    FaultCase(
      "early stopping on a split that there is not",
      requestText(training: #"{"early_stopping": {"monitor": "validation"}}"#),
      issue(
        "#/training/early_stopping/monitor", "missing_split",
        "early_stopping monitors the loss on the validation split, but dataset has none; give one, "
          + "or monitor train")),
    FaultCase(
      "early stopping out of range",
      requestText(
        training:
          #"{"early_stopping": {"monitor": "test", "patience": 0, "minimum_change": -1, "min": 1}}"#
      ),
      issue(
        "#/training/early_stopping/monitor", "unknown_choice",
        "monitor of early_stopping must be one of \"validation\", \"train\", but is \"test\""),
      issue(
        "#/training/early_stopping/patience", "invalid_value",
        "patience of early_stopping must be an integer from 1 to 1000000, but is 0"),
      issue(
        "#/training/early_stopping/minimum_change", "invalid_value",
        "minimum_change of early_stopping must be a number from 0 to 1000000, but is -1"),
      issue(
        "#/training/early_stopping/min", "unknown_member",
        "early_stopping has no member \"min\"; it takes minimum_change, monitor, patience")),
    FaultCase(
      "early stopping that is no object", requestText(training: #"{"early_stopping": true}"#),
      issue(
        "#/training/early_stopping", "wrong_type", "early_stopping must be an object, but is true")),
  ]
}
