import Foundation
import Testing

@Suite("Who imports whom")
struct ArrowTests {
  /// Names that the manifest gives to products of other packages.
  private static let products = [
    "argumentParser": "ArgumentParser", "crypto": "Crypto", "grdb": "GRDB", "logging": "Logging",
    "yams": "Yams",
  ]

  /// What the manifest lets each room import.
  private func declared() throws -> [String: Set<String>] {
    let manifest = try Repository.text("Package.swift")
    let pattern =
      #"(?:room\(\s*|\.executableTarget\(\s*name: )("\w[\w-]*"(?:,\s*(?:dependencies: )?\[[^\]]*\](?:\s*\+ kernelSets)?)?)"#
    let sets = Set(try manifest.matches(of: #"\bkernelSet\("(\w+)""#))
    // All sets of kernels are made alike.
    let setImports = try #require(
      try manifest.matches(of: #"\broom\(name, \[([^\]]*)\]"#).first
    ).matches(of: #""(\w+)""#)
    var arrows = Dictionary(uniqueKeysWithValues: sets.map { ($0, Set(setImports)) })
    for target in try manifest.matches(of: pattern) {
      let names = try target.matches(of: #"("[\w-]+"|\b[a-zA-Z]+\b(?=[,\]\s]))"#)
      let rooms = try target.matches(of: #""([\w-]+)""#)
      let products = names.compactMap { Self.products[$0] }
      let kernels = target.contains("+ kernelSets") ? sets : []
      arrows[rooms[0]] = Set(rooms.dropFirst() + products).union(kernels)
    }
    return arrows.filter { Repository.exists("Sources/\($0.key)") }
  }

  @Test("the list in ARCHITECTURE.md is that of Package.swift")
  func listAgrees() throws {
    let rows = try Repository.text("ARCHITECTURE.md")
      .matches(of: #"^\| (`\w+` \|.*\|.*) \|$"#)
    var listed: [String: Set<String>] = [:]
    for row in rows {
      let cells = row.split(separator: "|").map(String.init)
      let names = try cells[cells.count - 1].matches(of: #"`(\w+)`"#)
      listed[try #require(try cells[0].matches(of: #"`(\w+)`"#).first)] = Set(names)
    }
    let declared = try declared()
    #expect(declared.count == 16)
    #expect(listed == declared)
  }

  @Test("no room imports what it does not declare")
  func importsAgree() throws {
    let declared = try declared()
    let known = Set(declared.keys).union(Self.products.values)
    for (room, arrows) in declared {
      let imports = try Repository.swiftFiles(below: "Sources/\(room)")
        .flatMap { try $0.code.matches(of: #"^(?:\w+ )?import (\w+)"#) }
      #expect(imports.count > 0 || arrows.isEmpty, "\(room)")
      #expect(Set(imports).intersection(known).subtracting(arrows) == [], "\(room)")
    }
  }

  @Test("the rooms that compute and those that speak HTTP need no other package")
  func coreIsFree() throws {
    let declared = try declared()
    let core = [
      "KernelInstructions", "KernelsV3", "KernelsV4", "Kernels", "NeuralNetwork", "Training",
      "Interchange", "Jobs", "ContentCoding", "HTTPCore",
    ]
    for room in core {
      let arrows = try #require(declared[room])
      #expect(arrows.isDisjoint(with: Self.products.values), "\(room)")
    }
  }
}
