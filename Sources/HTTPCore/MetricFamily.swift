/// What is counted or measured under one name, as Prometheus reads it.
package struct MetricFamily: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    case counter
    case gauge
    case histogram
  }

  /// One number with its labels.
  package struct Sample: Sendable, Hashable {
    /// What follows the family's name, such as `_sum` in a histogram.
    let suffix: String
    let labels: [Label]
    let value: Double

    package init(suffix: String = "", _ labels: [Label] = [], _ value: Double) {
      self.suffix = suffix
      self.labels = labels
      self.value = value
    }
  }

  package struct Label: Sendable, Hashable {
    let name: String
    let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  let name: String
  let kind: Kind
  let help: String
  let samples: [Sample]

  package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  /// A family of one number without labels.
  package init(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    self.init(name, kind, help, [Sample([], Double(value))])
  }
}

/// Prometheus' text format 0.0.4.
package enum PrometheusText {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package static func write(_ families: [MetricFamily]) -> [UInt8] {
    var text = ""
    for family in families {
      text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples {
        text += family.name + sample.suffix
        if !sample.labels.isEmpty {
          let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
          text += "{" + labels.joined(separator: ",") + "}"
        }
        text += " " + number(sample.value) + "\n"
      }
    }
    return Array(text.utf8)
  }

  /// A number as short as it can be read back; whole ones without a fraction.
  static func number(_ value: Double) -> String {
    if let whole = Int(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return String(value)
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      case _: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
