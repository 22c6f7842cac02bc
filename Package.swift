// swift-tools-version: 6.2
import PackageDescription

/// Every target compiles with these, so that one list says how strict the project is.
let strictness: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// Optimises across the files of a target, in debug builds too.
let wholeModule = ["-O", "-wmo", "-num-threads", "1", "-disable-batch-mode"]

/// Without the processor's fused multiply-add each one becomes a library call, a hundred times
/// slower; without optimisation the kernels are slower still, so debug builds optimise them too.
///
/// x86-64 has two levels, chosen when the program starts; the second set is a link to the first
/// one's sources.
#if arch(x86_64)
let vectorised: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-march=x86-64-v3"] + wholeModule)
]
let widelyVectorised: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", "-march=x86-64-v4"] + wholeModule)
]
let kernelSets = [
  kernelSet("KernelsV3", vectorised),
  kernelSet("KernelsV4", widelyVectorised + [.define("WIDE")]),
]
#else
let vectorised: [SwiftSetting] = [.unsafeFlags(wholeModule)]
let widelyVectorised = vectorised
let kernelSets = [kernelSet("KernelsV3", vectorised)]
#endif

/// The tests' references compute much, slowly enough.
let optimised: [SwiftSetting] = [.unsafeFlags(wholeModule)]

/// The elementary functions of each set by themselves, and the instructions one number at a time.
#if arch(x86_64)
let kernelReferences = [
  kernelReference("KernelReferenceV3", vectorised),
  kernelReference("KernelReferenceV4", widelyVectorised + [.define("WIDE")]),
]
#else
let kernelReferences = [kernelReference("KernelReferenceV3", vectorised)]
#endif

func kernelReference(_ name: String, _ settings: [SwiftSetting]) -> Target {
  .target(
    name: name, dependencies: ["KernelInstructions"], path: "Tests/\(name)",
    swiftSettings: strictness + settings)
}

func kernelSet(_ name: String, _ settings: [SwiftSetting]) -> Target {
  room(name, ["KernelInstructions"], settings: settings + [.strictMemorySafety()])
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil,
  settings: [SwiftSetting] = [], links: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, resources: resources,
    swiftSettings: strictness + settings, linkerSettings: links)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strictness)
}

/// Its `main` comes with the sanitizer, so that only `Scripts/fuzz` can build it.
let fuzzers: [Target] =
  Context.environment["DESCENT_FUZZ"] == nil
  ? [] : [.executableTarget(name: "fuzzer", dependencies: ["FuzzTargets"], path: "Tests/Fuzzer")]

let package = Package(
  name: "descent",
  products: [.executable(name: "descent", targets: ["descent"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    room("KernelInstructions", settings: [.strictMemorySafety()]),
    room(
      "Kernels", ["KernelInstructions"] + kernelSets.map { .init(stringLiteral: $0.name) },
      settings: [.strictMemorySafety()]),
    room("NeuralNetwork", ["KernelInstructions", "Kernels"]),
    room("Training", ["Kernels", "NeuralNetwork"]),
    room("Interchange", ["NeuralNetwork", "Training"]),
    room("Jobs"),
    room("JobStorage", ["Jobs", grdb, crypto], settings: [.strictMemorySafety()]),
    room("TrainingJobs", ["Jobs", "Interchange", "Kernels", "NeuralNetwork", "Training", crypto]),
    room("Access", [crypto]),
    .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
    room("ContentCoding", ["CZlib"], settings: [.strictMemorySafety()]),
    room("HTTPCore", settings: [.strictMemorySafety()]),
    .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
    room("HTTPServer", ["CLinux", "HTTPCore", logging], settings: [.strictMemorySafety()]),
    room(
      "TrainingAPI",
      [
        "Access", "ContentCoding", "HTTPCore", "TrainingJobs", "Jobs", "Interchange",
        "NeuralNetwork", "Training", yams,
      ],
      resources: [.embedInCode("openapi.yaml")]),
    .executableTarget(
      name: "descent",
      dependencies: [
        "Access", "HTTPCore", "HTTPServer", "Interchange", "Jobs", "JobStorage", "Kernels",
        "NeuralNetwork", "Training", "TrainingAPI", "TrainingJobs", argumentParser, logging,
      ],
      swiftSettings: strictness),

    .executableTarget(
      name: "paper-experiments",
      dependencies: ["Interchange", "NeuralNetwork", "Training", "TrainingJobs"],
      path: "Benchmarks/PaperExperiments", swiftSettings: strictness),
    .target(
      name: "PeakLoop", path: "Benchmarks/PeakLoop", swiftSettings: strictness + vectorised),
    .target(
      name: "PeakLoopWide", dependencies: ["PeakLoop"], path: "Benchmarks/PeakLoopWide",
      swiftSettings: strictness + widelyVectorised),
    .executableTarget(
      name: "training-benchmark",
      dependencies: [
        "Interchange", "Kernels", "NeuralNetwork", "PeakLoop", "PeakLoopWide", "Training",
        "TrainingJobs",
      ],
      path: "Benchmarks/Training", swiftSettings: strictness),
    .executableTarget(
      name: "json-benchmark", dependencies: ["Interchange", "NeuralNetwork", "TestSupport"],
      path: "Benchmarks/JSON", swiftSettings: strictness),
    .executableTarget(
      name: "http-load", dependencies: [argumentParser], path: "Benchmarks/HTTPLoad",
      swiftSettings: strictness),

    .systemLibrary(
      name: "CCurl", path: "Tests/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(
      name: "TestSupport",
      dependencies: ["Jobs", "JobStorage", "NeuralNetwork", "Training", "Interchange"],
      path: "Tests/TestSupport", swiftSettings: strictness + optimised),
    tests("TestSupportTests", ["TestSupport", "NeuralNetwork"]),
    tests(
      "KernelsTests",
      ["KernelInstructions", "Kernels", "TestSupport"]
        + kernelReferences.map { .init(stringLiteral: $0.name) }),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    tests(
      "NeuralNetworkTests",
      ["CAllocations", "KernelInstructions", "Kernels", "NeuralNetwork", "TestSupport"]),
    tests("TrainingTests", ["Training", "Kernels", "NeuralNetwork", "TestSupport"]),
    tests("InterchangeTests", ["Interchange", "NeuralNetwork", "Training", "TestSupport"]),
    tests("JobsTests", ["Jobs", "TestSupport"]),
    tests("JobStorageTests", ["JobStorage", "Jobs", "TestSupport", grdb]),
    tests(
      "TrainingJobsTests",
      [
        "TrainingJobs", "Interchange", "Jobs", "JobStorage", "Kernels", "NeuralNetwork", "Training",
        "TestSupport",
      ]),
    tests("AccessTests", ["Access"]),
    tests("ContentCodingTests", ["ContentCoding"]),
    tests("HTTPCoreTests", ["HTTPCore", "TestSupport"]),
    .target(
      name: "FuzzTargets", dependencies: ["HTTPCore", "Interchange", "NeuralNetwork"],
      path: "Tests/FuzzTargets", swiftSettings: strictness),
    tests("FuzzTargetsTests", ["FuzzTargets"]),
    tests("HTTPServerTests", ["HTTPServer", "HTTPCore", "TestSupport"]),
    tests(
      "TrainingAPITests",
      [
        "Access", "ContentCoding", "TrainingAPI", "HTTPCore", "Interchange", "Jobs",
        "NeuralNetwork", "Training", "TrainingJobs", "TestSupport", yams,
      ]),
    .executableTarget(
      name: "lease-worker", dependencies: ["Jobs", "JobStorage"], path: "Tests/LeaseWorker",
      swiftSettings: strictness),
    tests(
      "EndToEndTests",
      [
        "CCurl", "Interchange", "JobStorage", "Jobs", "NeuralNetwork", "TestSupport", "descent",
        "lease-worker",
      ]),
    tests(
      "RepositoryTests",
      [
        "TrainingAPI", "HTTPCore", "Interchange", "Jobs", "NeuralNetwork", "TestSupport",
        "Training", "TrainingJobs", yams,
      ]),
  ] + kernelSets + kernelReferences + fuzzers
)
