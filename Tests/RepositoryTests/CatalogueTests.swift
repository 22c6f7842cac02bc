import Foundation
import Interchange
import Jobs
import NeuralNetwork
import Testing
import TrainingJobs

@Suite("The catalogues in the contract and in the README")
struct CatalogueTests {
  private let contract: Contract
  private let readme: String

  init() throws {
    contract = try Contract()
    readme = try Repository.text("README.md")
  }

  @Test("the contract knows exactly the kinds that there are", arguments: KindPlace.allCases)
  func kindsAgree(place: KindPlace) {
    let types = contract.kinds(of: place).compactMap { $0.minimal["type"] as? String }
    #expect(types == place.kinds.map { $0.type }.sorted())
  }

  @Test(
    "the contract names exactly the kinds that need no options as those that can be written alone",
    arguments: KindPlace.allCases)
  func kindsAlone(place: KindPlace) {
    let alone = place.kinds.filter { kind in
      var reader = ConfigurationReader(.object([]), subject: "", pointer: .root)
      return kind.init(reading: &reader) != nil && reader.finish().isEmpty
    }
    #expect(
      contract.schema("\(place.schema)Type")["enum"] as? [String] == alone.map { $0.type }.sorted())
  }

  @Test("the contract gives every object exactly the members that its reader takes")
  func membersAgree() throws {
    #expect(contract.allOptions.count > 40)
    for options in contract.allOptions {
      let issues = try options.read(["nobody": 1]).issues
      let issue = try #require(
        issues.first { $0.pointer == "\(options.pointer)/nobody" }, "\(options.name)")
      let list = try #require(try issue.detail.matches(of: "it takes (.*)$").first)
      let taken = Set(list.components(separatedBy: ", "))
      #expect(taken.isSubset(of: options.properties.keys), "\(options.name)")
      for name in options.properties.keys where !taken.contains(name) {
        let issues = try options.read([name: 1]).issues
        #expect(
          !issues.contains {
            $0.pointer == "\(options.pointer)/\(name)" && $0.code == "unknown_member"
          }, "\(options.name).\(name)")
      }
    }
  }

  @Test("the contract gives every number the range that its reader allows")
  func rangesAgree() throws {
    var count = 0
    for options in contract.allOptions {
      for (name, schema) in options.properties {
        guard let least = number(schema["minimum"]), let most = number(schema["maximum"]) else {
          continue
        }
        count += 1
        let isInteger = types(schema).contains("integer")
        // Beyond the greatest integer nothing can be written as one.
        let beyond =
          isInteger
          ? [least - 1, most + 1].filter { $0 < 1e18 } : [least.nextDown, most.nextUp]
        let within = [least, most].filter { !isInteger || $0 < 1e18 }
        for value in within {
          #expect(
            try !refuses(options, name, isInteger ? Int(value) : value),
            "\(options.name).\(name) \(value)")
        }
        for value in beyond {
          #expect(
            try refuses(options, name, isInteger ? Int(value) : value),
            "\(options.name).\(name) \(value)")
        }
      }
    }
    #expect(count > 60)
  }

  @Test("the contract gives every string the choices that its reader allows")
  func choicesAgree() throws {
    var count = 0
    for options in contract.allOptions {
      for (name, schema) in options.properties where types(schema).contains("string") {
        let choices = (schema["enum"] as? [Any] ?? []).compactMap { $0 as? String }
        guard !choices.isEmpty else { continue }
        count += 1
        for choice in choices {
          #expect(try !refuses(options, name, choice), "\(options.name).\(name) \(choice)")
        }
        let issue = try #require(
          try options.read([name: "nobody"]).issues.first { $0.code == "unknown_choice" })
        let listed = Set(try issue.detail.matches(of: #""(\w+)"(?=[,)]| but|$)"#))
        #expect(listed.subtracting(["nobody"]) == Set(choices), "\(options.name).\(name)")
      }
    }
    #expect(count > 2)
  }

  @Test("a request means the same whether a default of the contract is written or left out")
  func defaultsAgree() throws {
    var count = 0
    for options in contract.allOptions {
      for (name, schema) in options.properties {
        guard let fallback = schema["default"] else { continue }
        count += 1
        let without = try #require(try options.read().request, "\(options.name)")
        let with = try #require(
          try options.read([name: fallback]).request, "\(options.name).\(name)")
        #expect(
          with.submission().request == without.submission().request, "\(options.name).\(name)")
        #expect(
          Model(graph: with.graph, seed: 1).bytes == Model(graph: without.graph, seed: 1).bytes,
          "\(options.name).\(name)")
      }
    }
    #expect(count > 60)
  }

  @Test("the README has a row for every kind, with every option and its default")
  func kindsAreShown() throws {
    for place in KindPlace.allCases {
      for kind in contract.kinds(of: place) {
        let type = try #require(kind.minimal["type"] as? String)
        // A schedule and an initializer may have one name.
        let rows = try readme.matches(of: #"^(\| `\#(type)` \|.*)$"#)
        #expect(
          try rows.contains { row in
            try kind.properties.allSatisfy { name, schema in
              try name == "type" || shows(row, name, schema["default"])
            }
          }, "\(kind.name)")
      }
    }
  }

  @Test("the README has a row for every training option, with its default")
  func trainingOptionsAreShown() throws {
    for options in contract.otherOptions where options.way.first == "training" {
      for (name, schema) in options.properties where options.name != "GradientClipping" {
        let cells = try readme.matches(of: #"^\| `\#(name)` \| (?:`?([^|`]*)`? )?\|"#)
        let fallback = schema["default"].map { "\($0)" }
        #expect(
          fallback.map(cells.contains) ?? readme.contains("| `\(name)` |"),
          "\(options.name).\(name): \(cells)")
      }
    }
  }

  /// Whether the value itself is refused, not only how it fits others.
  private func refuses(_ options: WrittenOptions, _ name: String, _ value: Any) throws -> Bool {
    try options.read([name: value]).issues.contains {
      $0.pointer == "\(options.pointer)/\(name)" && $0.detail.contains("must be")
    }
  }

  /// Whether a row names an option, directly followed by its default if it has one.
  private func shows(_ row: String, _ name: String, _ fallback: Any?) throws -> Bool {
    guard let fallback else { return row.contains("`\(name)`") }
    let shown = try row.matches(of: #"`\#(name)` `?([^ ,;|`]+)"#)
    return shown.contains { word in
      number(fallback).map { $0 == Double(word) } ?? ("\(fallback)" == word)
    }
  }

  private func types(_ schema: [String: Any]) -> [String] {
    (schema["type"] as? [String]) ?? (schema["type"] as? String).map { [$0] } ?? []
  }

  private func number(_ value: Any?) -> Double? {
    value as? Double ?? (value as? Int).map(Double.init)
  }
}
