// Measures the engine on command, a line of JSON for each, and answers with a line of JSON.
// `bench.py` starts it beside the workers of `peers`, which speak the same.
//
//   {"network": "2-25-1", "activation": "relu", "batch": 10, "rows": 1000, "threads": 1,
//    "seconds": 0.5}                             {"samples": 2000000, "seconds": 0.501}
//   the same with "kernels": "v3"                by that set, be it the best or not
//   {"peak": true, "threads": 1, "seconds": 0.1} {"operations_per_second": 1.2e11}
//   anything that cannot be done                 {"error": "why"}

import Foundation
import Interchange
import NeuralNetwork

/// A command that cannot be carried out.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension JSONValue {
  /// The member as a positive whole number.
  func count(_ name: String) throws(CommandError) -> Int {
    guard case .integer(let count)? = self[name], count > 0 else {
      throw CommandError("the command needs \(name), a whole number above 0")
    }
    return count
  }

  /// For how long to measure.
  var seconds: Double {
    switch self["seconds"] {
    case .number(let seconds)?: seconds
    case .integer(let seconds)?: Double(seconds)
    default: 0.5
    }
  }
}

var workbench = Workbench()
while let line = readLine() {
  let result: JSONValue
  do {
    result = try workbench.answer(JSONReader.read(Array(line.utf8)))
  } catch {
    result = .object([.init("error", .string("\(error)"))])
  }
  FileHandle.standardOutput.write(Data(JSONWriter.write(result) + [UInt8(ascii: "\n")]))
}
