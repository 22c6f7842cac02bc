import Foundation

/// Rows of a table in Markdown: what was tried, its goal, what was measured, whether that is enough.
enum Report {
  /// Prints a row.
  static func row(_ subject: String, goal: String, measured: String, isMet: Bool) {
    write(
      "| \(subject) | \(goal) | \(measured) | \(isMet ? "met" : "missed") |\n", to: .standardOutput)
  }

  /// Tells what is being done, apart from the table.
  static func note(_ text: String) {
    write("\(text)\n", to: .standardError)
  }

  private static func write(_ text: String, to file: FileHandle) {
    file.write(Data(text.utf8))
  }
}

extension Double {
  /// The number with so many digits after the point.
  func digits(_ count: Int) -> String { String(format: "%.\(count)f", self) }
}

extension Int {
  /// An amount of bytes as MiB.
  var mebibytes: String { (Double(self) / 1_048_576).digits(1) + " MiB" }
}
