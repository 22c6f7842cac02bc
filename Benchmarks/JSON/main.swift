import Foundation
import TestSupport

// `json-benchmark` measures reading and writing; `json-benchmark strtof COUNT SEED` compares what
// is read with the C library.
let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "strtof" {
  guard arguments.count == 3, let count = arguments.dropFirst().first.flatMap({ Int($0) }),
    let seed = arguments.last.flatMap({ Int($0) })
  else { exit(64) }
  let comparison = try FloatComparison(count: count, seed: seed)
  print(comparison)
  exit(comparison.differences.isEmpty ? 0 : 1)
}
print("| numbers | MB | read, MB/s | in pieces of 64 KiB | JSONDecoder | ratio | write, MB/s |")
print("|---|---|---|---|---|---|---|")
for numbers in NumberKind.allCases {
  print(try JSONMeasurement(of: numbers).row)
}
