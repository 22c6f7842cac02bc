import Foundation
import Interchange
import NeuralNetwork
import TestSupport

/// The speeds of one kind of numbers: the medians of rounds in which all take turns.
struct JSONMeasurement {
  private let numbers: NumberKind
  private let document: [UInt8]
  private var whole: [Double] = []
  private var pieces: [Double] = []
  private var decoder: [Double] = []
  private var writer: [Double] = []

  private static let rows = 50_000
  private static let columns = 20
  private static let rounds = 9
  private static let pieceBytes = 65_536

  init(of numbers: NumberKind) throws {
    self.numbers = numbers
    var generator = SeededRandom(seed: 1)
    let rows = (0..<Self.rows).map { _ in
      "[" + (0..<Self.columns).map { _ in numbers.text(&generator) }.joined(separator: ",") + "]"
    }
    document = Array("[\(rows.joined(separator: ","))]".utf8)
    for _ in 0..<Self.rounds { try measure() }
  }

  /// A row of the table.
  var row: String {
    let speeds = [whole, pieces, decoder].map { String(format: "%.0f", Self.median($0)) }
    let ratios = zip(whole, decoder).map { $0 / $1 }
    return "| \(numbers.rawValue) | \(String(format: "%.1f", Double(document.count) / 1e6)) | "
      + speeds.joined(separator: " | ")
      + String(format: " | %.1f | %.0f |", Self.median(ratios), Self.median(writer))
  }

  private mutating func measure() throws {
    var value = JSONValue.null
    let document = document
    whole.append(
      try Self.speed {
        value = try JSONReader.read(document) { _ in true }
        return document.count
      })
    pieces.append(
      try Self.speed {
        try Self.readInPieces(document)
        return document.count
      })
    let data = Data(document)
    decoder.append(
      try Self.speed {
        _ = try JSONDecoder().decode([[Float]].self, from: data)
        return document.count
      })
    writer.append(Self.speed { JSONWriter.write(value).count })
  }

  private static func readInPieces(_ document: [UInt8]) throws {
    var reader = JSONPieceReader { _ in true }
    let span = document.span
    for start in stride(from: 0, to: span.count, by: pieceBytes) {
      try reader.consume(span.extracting(start..<min(start + pieceBytes, span.count)))
    }
    _ = try reader.finish()
  }

  /// The megabytes per second of a body that returns the number of its bytes.
  private static func speed<Failure: Error>(
    of body: () throws(Failure) -> Int
  ) throws(Failure) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let bytes = try body()
    return Double(bytes) / 1e6 / (start.duration(to: clock.now) / .seconds(1))
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
