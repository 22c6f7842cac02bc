import Foundation
import Interchange
import NeuralNetwork
import Testing
import TrainingJobs

@Suite("Documents")
struct DocumentTests {
  private let readme: String

  init() throws {
    readme = try Repository.text("README.md")
  }

  @Test(
    "files and folders that a document names are there",
    arguments: ["README.md", "ARCHITECTURE.md", "Examples/README.md", "Benchmarks/README.md"])
  func namedFilesExist(document: String) throws {
    let text = try Repository.text(document)
    let folder = (document as NSString).deletingLastPathComponent
    let links = try text.matches(of: #"\]\(([^)#:]+)\)"#).map {
      (folder as NSString).appendingPathComponent($0)
    }
    let mentioned = try text.matches(
      of: #"\b((?:Sources|Tests|Examples|Scripts|Benchmarks)/[\w./+-]*[\w/])"#)
    #expect(links.count + mentioned.count > 2)
    for path in Set(links + mentioned) {
      #expect(Repository.exists(path), "\(document) names \(path)")
    }
  }

  @Test("the README names exactly the options of each command")
  func optionsAgree() throws {
    for command in ["Serve", "Train", "Validate", "Health", "Keys"] {
      let path = "Sources/descent/Commands/\(command).swift"
      let names = try SwiftFile(path: path, text: try Repository.text(path)).code.matches(
        of: #"@(?:Option|Flag)(?:\((?:[^()]|\([^()]*\))*\))?\s+var (\w+)"#)
      let options = Set(
        try names.map { name in
          "--" + name.replacing(try Regex("[A-Z]")) { "-" + $0.0.lowercased() }
        })
      let rows = try readme.matches(of: #"^\| `descent \#(command.lowercased())` .*\| (.*) \|$"#)
      let row = try #require(rows.first, "the README has no row for \(command)")
      #expect(Set(try row.matches(of: #"`(--[a-z-]+)"#)) == options, "\(command)")
    }
  }

  @Test("commands in the README use only options that there are")
  func usedOptionsExist() throws {
    let sources = try Repository.swiftFiles(below: "Sources/descent").map(\.text).joined()
    let commands = try readme.matches(
      of: #"^(?:\S*/)?descent ((?:serve|train|validate|health|keys).*)$"#)
    #expect(commands.count > 2)
    for option in try commands.flatMap({ try $0.matches(of: #"--([a-z-]+)"#) }) {
      let name = option.replacing(try Regex("-[a-z]")) { $0.0.dropFirst().uppercased() }
      #expect(sources.contains("var \(name)"), "--\(option)")
    }
  }

  @Test("the README names exactly the environment variables that are read")
  func variablesAgree() throws {
    let sources = try Repository.swiftFiles(below: "Sources/descent").map(\.text).joined()
    let pattern = #"\b(DESCENT_[A-Z]+)\b"#
    #expect(Set(try readme.matches(of: pattern)) == Set(try sources.matches(of: pattern)))
  }

  @Test("the README names every exit code")
  func exitCodesAgree() throws {
    let source = try Repository.text("Sources/descent/ExitStatus.swift")
    let codes = try source.matches(of: #"ExitCode\((\d+)\)"#)
    #expect(codes.count > 3)
    for code in codes + ["0", "64"] {
      #expect(readme.contains("| \(code) |"), "\(code)")
    }
  }

  @Test("the README has a row for every route")
  func routesAreShown() {
    for route in ContractTests.routes() {
      #expect(readme.contains("| `\(route.method) \(route.template)` |"), "\(route)")
    }
  }

  @Test(
    "every example is a request that is accepted",
    arguments: Repository.files(below: "Examples", suffix: ".json"))
  func examplesAreAccepted(path: String) throws {
    let value = try JSONReader.read(
      Array(try Repository.text(path).utf8), tensorsAt: TensorPlaces.ofTrainingRequest)
    #expect(RequestReading(value, completeness: .job).issues == [])
    #expect(
      try Repository.text("Examples/README.md").contains(
        (path as NSString).lastPathComponent))
  }

  @Test("the JSON shown in the README is JSON, and its requests are accepted")
  func shownJSONIsRight() throws {
    let blocks = try readme.matches(of: #"^```json\n([\s\S]*?)^```"#)
    #expect(blocks.count > 2)
    for block in blocks {
      let value = try JSONReader.read(
        Array(block.utf8), tensorsAt: TensorPlaces.ofTrainingRequest)
      guard value["network"] != nil, value["dataset"] != nil, value["id"] == nil else { continue }
      #expect(RequestReading(value, completeness: .job).issues == [], "\(block)")
    }
  }
}
