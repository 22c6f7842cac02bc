import Foundation
import TestSupport

/// What the numbers of a table look like.
enum NumberKind: String, CaseIterable {
  case nineDigits = "9 digits"
  case seventeenDigits = "17 digits"
  case shortDecimals = "short decimals"
  case bytes = "integers up to 255"
  case digits = "integers up to 9"

  func text(_ generator: inout SeededRandom) -> String {
    switch self {
    case .nineDigits:
      String(format: "%.9g", Double.random(in: -1...1, using: &generator))
    case .seventeenDigits:
      String(format: "%.17g", Double.random(in: -1...1, using: &generator))
    case .shortDecimals:
      String(format: "%.2f", Double.random(in: -20...20, using: &generator))
    case .bytes:
      String(Int.random(in: 0...255, using: &generator))
    case .digits:
      String(Int.random(in: 0...9, using: &generator))
    }
  }
}
