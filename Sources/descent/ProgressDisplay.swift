import Foundation
import Jobs
import NeuralNetwork
import TrainingJobs

/// Shows a training on standard error: a bar on a terminal, else a line now and then.
struct ProgressDisplay {
  private let isTerminal: Bool
  private var toldTenth = -1

  /// Cells of the bar.
  private static let width = 30

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
  }

  /// Shows how far the job is.
  ///
  /// - Parameters:
  ///   - job: With its newest progress; before its first epoch there is nothing to show.
  ///   - loss: Of the newest epoch.
  /// - Throws: A `StoredTrainingError` if the progress cannot be read.
  mutating func show(_ job: Job, loss: Double?) throws {
    guard let loss, let bytes = job.progress else { return }
    let progress = try JSONValue(stored: bytes)
    let fraction = progress["fraction"]?.double ?? 0
    let line = text(progress, loss)
    if isTerminal {
      let filled = Int(fraction * Double(ProgressDisplay.width))
      let bar =
        String(repeating: "#", count: filled)
        + String(repeating: ".", count: ProgressDisplay.width - filled)
      write("\r\u{1B}[K[\(bar)] \(line)")
    } else if Int(fraction * 10) > toldTenth {
      toldTenth = Int(fraction * 10)
      write(line + "\n")
    }
  }

  private func text(_ progress: JSONValue, _ loss: Double) -> String {
    func number(_ name: String) -> Double { progress[name]?.double ?? 0 }
    return "epoch \(Int(number("epoch")))/\(Int(number("epochs")))  "
      + "loss \(format(loss, "%.6g"))  "
      + "\(Int(number("samples_per_second"))) samples/s  "
      + "ETA \(format(number("eta_seconds"), "%.1f")) s"
  }

  /// Shows how the job ended, and the metrics of each split.
  func finish(_ job: Job) throws {
    if isTerminal { write("\n") }
    if let error = job.error {
      write("descent: \(error.message) [\(error.code)]\n")
    }
    if job.status == .cancelled {
      write("descent: the training was stopped; what it had learned by then is kept\n")
    }
    guard let summary = job.summary,
      case .object(let splits)? = try JSONValue(stored: summary)["metrics"]
    else { return }
    for split in splits {
      write("\(split.name.padding(toLength: 11, withPad: " ", startingAt: 0))")
      write(metrics(split.value) + "\n")
    }
  }

  /// All metrics that are numbers, those of several outputs behind their ids.
  private func metrics(_ value: JSONValue) -> String {
    guard case .object(let members) = value else { return "" }
    return members.compactMap { member -> String? in
      if let number = member.value.double {
        return "\(member.name) \(format(number, "%.6g"))"
      }
      guard case .object(let outputs) = member.value else { return nil }
      return outputs.map { "output \($0.name): \(metrics($0.value))" }.joined(separator: "  ")
    }.joined(separator: "  ")
  }

  private func format(_ number: Double, _ pattern: String) -> String {
    String(format: pattern, number)
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}

extension JSONValue {
  /// The number, whichever way it was written.
  fileprivate var double: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
