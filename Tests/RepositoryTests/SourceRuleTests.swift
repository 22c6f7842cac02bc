import Foundation
import Testing

@Suite("Rules of the sources")
struct SourceRuleTests {
  /// Files that may work with raw memory or vouch for what the compiler cannot check, and why.
  private static let unsafeFiles = [
    "Sources/ContentCoding/Zlib.swift": "calls zlib",
    "Sources/HTTPServer/Connection.swift": "its state belongs to one loop's queue",
    "Sources/HTTPServer/EventLoop.swift": "its state belongs to its own queue",
    "Sources/HTTPServer/Listener.swift": "its state belongs to the first loop's queue",
    "Sources/HTTPServer/ListeningSocket.swift": "calls the sockets of the C library",
    "Sources/HTTPServer/LogFile.swift": "calls the files of the C library",
    "Sources/HTTPServer/ServerClock.swift": "reads the clock of the C library",
    "Sources/HTTPServer/Poller.swift": "calls epoll; used on one queue",
    "Sources/HTTPServer/SystemSocket.swift": "calls the sockets of the C library",
    "Sources/Interchange/JSON/ByteCursor.swift": "reads the bytes of a document without copies",
    "Sources/JobStorage/FolderLock.swift": "locks a file by the C library",
    "Sources/JobStorage/PosixFileSystem.swift": "calls the files of the C library",
    "Sources/Kernels/Arena.swift": "owns the one block of memory",
    "Sources/Kernels/Helper.swift": "its state guards the work that it is given",
    "Sources/Kernels/KernelSet.swift": "hands the block to a set of kernels",
    "Sources/Kernels/Processor.swift": "reads a file by the C library",
    "Sources/KernelInstructions/InstructionCode.swift": "keeps lists of instructions as memory",
    "Sources/Kernels/Team.swift": "hands the block to threads",
    "Sources/KernelsV3/Elementary.swift": "takes a vector of numbers for their bits",
    "Sources/KernelsV3/Interpreter.swift": "takes the block from the arena",
    "Sources/KernelsV3/Lanes.swift": "reads and writes the block",
    "Sources/KernelsV3/Transposition.swift": "takes pairs of numbers for one",
    "Sources/descent/Commands/Health.swift": "calls the sockets of the C library",
    "Sources/descent/StopSignals.swift": "keeps signal sources, which are not Sendable",
  ]

  private static let unsafePattern =
    #"(\bunsafe\b|@unchecked\s+Sendable|nonisolated\(unsafe\)|\bwithUnsafe\w+|\bUnsafe\w+)"#

  @Test(
    "no file is longer than its limit", arguments: [("Sources", 500), ("Tests", 800)])
  func fileLength(folder: String, limit: Int) throws {
    let files = try Repository.swiftFiles(below: folder)
    #expect(files.count > 20)
    let long = files.filter { $0.lineCount >= limit }.map { "\($0.path): \($0.lineCount) lines" }
    #expect(long == [])
  }

  @Test("no function has more than 70 lines", arguments: ["Sources", "Tests", "Benchmarks"])
  func functionLength(folder: String) throws {
    var seen = 0
    for file in try Repository.swiftFiles(below: folder) {
      for function in try file.functions() {
        seen += 1
        #expect(function.lineCount <= 70, "\(file.path):\(function.line)")
      }
    }
    #expect(seen > 0)
  }

  @Test(
    "sources have no shortcut that ends the program or hides what is unfinished",
    arguments: [#"(\bfatalError\()"#, #"(\btry!)"#, #"(\sas!)"#, #"(\bprint\()"#])
  func bannedWords(pattern: String) throws {
    for file in try Repository.swiftFiles(below: "Sources") {
      #expect(try file.code.matches(of: pattern) == [], "\(file.path)")
    }
  }

  @Test("no note is left for later", arguments: ["Sources", "Tests"])
  func notesForLater(folder: String) throws {
    let pattern = "(TO" + "DO|FIX" + "ME)"
    for file in try Repository.swiftFiles(below: folder) {
      #expect(try file.text.matches(of: pattern) == [], "\(file.path)")
    }
  }

  @Test("no test sleeps")
  func sleeplessTests() throws {
    for file in try Repository.swiftFiles(below: "Tests") {
      #expect(try file.code.matches(of: #"(\bu?sleep\()"#) == [], "\(file.path)")
    }
  }

  @Test("only the files listed with a reason are unsafe, and each of them is")
  func unsafeFiles() throws {
    let found = try Repository.swiftFiles(below: "Sources")
      .filter { try !$0.code.matches(of: Self.unsafePattern).isEmpty }.map(\.path)
    #expect(Set(found) == Set(Self.unsafeFiles.keys))
  }

  @Test("the second set of kernels is a link to the first, whose files count once")
  func setsShareSources() throws {
    let target = try FileManager.default.destinationOfSymbolicLink(
      atPath: Repository.root.appendingPathComponent("Sources/KernelsV4").path)
    #expect(target == "KernelsV3")
    let paths = Repository.files(below: "Sources", suffix: ".swift")
    #expect(paths.contains { $0.hasPrefix("Sources/KernelsV3/") })
    #expect(!paths.contains { $0.hasPrefix("Sources/KernelsV4/") })
  }

  @Test("unchecked types and variables say what guards their state")
  func uncheckedHasReason() throws {
    for file in try Repository.swiftFiles(below: "Sources") {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      let codeLines = file.code.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in codeLines.enumerated()
      where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
        let before = index > 0 ? lines[index - 1] : ""
        #expect(before.contains("//"), "\(file.path):\(index + 1)")
      }
    }
  }
}

@Suite("Reading Swift")
struct SwiftFileTests {
  @Test("measures a function from its declaration to its brace, past strings and comments")
  func functionLength() throws {
    let text = #"""
      protocol Shape {
        func area() -> Double
      }
      struct Square: Shape {
        init?(side: Double) {}
        // func never() {
        func area(
          of side: Double
        ) -> Double {
          let text = "} \(side > 0 ? "}" : "{") }"
          return side * side
        }
      }
      """#
    let functions = try SwiftFile(path: "", text: text).functions()
    #expect(functions == [.init(line: 5, lineCount: 1), .init(line: 7, lineCount: 6)])
  }

  @Test("counts a function of 71 lines as such")
  func longFunction() throws {
    let body = String(repeating: "  work()\n", count: 69)
    let functions = try SwiftFile(path: "", text: "func long() {\n\(body)}\n").functions()
    #expect(functions == [.init(line: 1, lineCount: 71)])
  }

  @Test("sees code only, not what comments and strings say")
  func blanksStrings() throws {
    let text = ##"""
      /// print(1)
      let a = "print(2)" + #"print(3) \n"# + "\("print(4)")"
      print(5)
      """##
    #expect(try SwiftFile(path: "", text: text).code.matches(of: #"\bprint\((\d)"#) == ["5"])
  }
}
