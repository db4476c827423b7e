// swift-tools-version: 6.1
import PackageDescription

/// Flags every C target shares. `dmo.h` is found from the package's root.
let cWarnings: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror=implicit-function-declaration"])]

/// A simulator plugin: one C folder below Plugins/, one shared library. Only `dmo_plugin_v1` is visible.
/// `shared`: it reads arrays from files, with Plugins/Shared.
func plugin(_ target: String, links: [String] = ["m"], flags: [String] = [], shared: Bool = false) -> Target {
  .target(
    name: target, dependencies: shared ? ["CDMO", "PluginArrays"] : ["CDMO"], path: "Plugins/\(target)",
    exclude: ["README.md"], publicHeadersPath: ".",
    cSettings: cWarnings + [.unsafeFlags(["-std=c11", "-fvisibility=hidden"] + flags)],
    linkerSettings: links.map { .linkedLibrary($0) })
}

/// The package's folder: the linker runs elsewhere.
let root = Context.packageDirectory

/// A plugin in Swift below Plugins/ that hands evaluations to another program.
func bridge(_ folder: String, resources: [Resource] = []) -> Target {
  .target(
    name: folder + "Bridge", dependencies: ["Bridge", "DMOPluginKit", "ProblemFile"], path: "Plugins/\(folder)",
    exclude: ["README.md"], resources: resources,
    linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(root)/SDK/swift/plugin.map"])])
}

let package = Package(
  name: "dmo",
  products: [
    .library(name: "opamp", type: .dynamic, targets: ["OpAmp"]),
    // For Tests/Benchmarks, a package of its own.
    .library(name: "DMOSurrogates", targets: ["DMOSurrogates", "DMONumerics", "DMOCore"]),
    .library(name: "DMOSearch", targets: ["DMOSearch", "DMOSurrogates", "DMONumerics", "DMOCore"]),
    .library(name: "TestProblemSuite", targets: ["TestProblemSuite"]),
    .library(name: "DMOWorker", targets: ["DMOWorker", "DMOHost", "DMOCore"]),
    .library(name: "testproblems", type: .dynamic, targets: ["TestProblems"]),
    .library(name: "hh", type: .dynamic, targets: ["HodgkinHuxley"]),
    .library(name: "oscillators", type: .dynamic, targets: ["Oscillators"]),
    .library(name: "wavefront", type: .dynamic, targets: ["Wavefront"]),
    .library(name: "command", type: .dynamic, targets: ["CommandBridge"]),
    .library(name: "python", type: .dynamic, targets: ["PythonBridge"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    // Only for `swift package generate-documentation`: no target depends on it, and no build compiles it.
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    // Serves `dmo watch`: HTTP over its own sockets, without further dependencies.
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
  ],
  targets: [
    // The C ABI. abi_check.c is compiled with every build, so that a moved field never goes unseen.
    .target(
      name: "CDMO", path: "SDK", exclude: ["dmo.pc.in", "python", "swift", "templates"], sources: ["abi_check.c"],
      publicHeadersPath: "include", cSettings: cWarnings),

    // Plugins in Swift.
    .target(
      name: "CDMOPluginSlots", dependencies: ["CDMO"], path: "SDK/swift/Sources/CDMOPluginSlots", cSettings: cWarnings),
    .target(
      name: "DMOPluginKit", dependencies: ["CDMO", "CDMOPluginSlots"], path: "SDK/swift/Sources/DMOPluginKit"),

    // The simulators.
    plugin("OpAmp", links: ["ngspice", "m"], flags: ["-D_GNU_SOURCE"]),
    plugin("HodgkinHuxley", shared: true),
    plugin("Oscillators", shared: true),
    plugin("Wavefront", links: ["fftw3", "m"], shared: true),
    // Linked into each plugin that asks for it, hidden: two plugins in one process never share it.
    .target(
      name: "PluginArrays", path: "Plugins/Shared", publicHeadersPath: ".",
      cSettings: cWarnings + [.unsafeFlags(["-std=c11", "-fvisibility=hidden"])],
      linkerSettings: [.linkedLibrary("cjson")]),
    .target(name: "TestProblemSuite", dependencies: ["DMOPluginKit"], path: "Plugins/TestProblems/Suite"),
    .target(
      name: "TestProblems", dependencies: ["DMOPluginKit", "TestProblemSuite"], path: "Plugins/TestProblems/Entry",
      linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(root)/SDK/swift/plugin.map"])]),

    // Bridges to simulators that are programs or Python modules.
    .target(name: "BridgeSpawn", path: "Plugins/Bridge/Spawn", cSettings: cWarnings),
    .target(
      name: "Bridge", dependencies: ["BridgeSpawn", "DMOPluginKit", "ProblemFile"], path: "Plugins/Bridge/Sources"),
    bridge("Command"),
    bridge("Python", resources: [.embedInCode("driver.py")]),

    // The engine, each module below those it imports.
    .target(name: "DMOCore"),
    .systemLibrary(name: "CLtdl", path: "Sources/CLtdl", providers: [.apt(["libltdl-dev"])]),
    // System calls that Swift cannot make: variadic ones, C11 atomics, a spawn between whose steps nothing may allocate.
    .target(name: "CDMOHost", cSettings: cWarnings),
    .target(name: "DMOHost", dependencies: ["DMOCore", "CDMO", "CLtdl", "CDMOHost"]),
    // The header alone; `make mpi` compiles the library that dmo opens when --executor mpi asks for it.
    .systemLibrary(name: "CMPITransport", path: "Sources/CMPITransport"),
    .target(name: "DMOWorker", dependencies: ["DMOCore", "DMOHost", "CDMOHost", "CMPITransport"]),
    .target(name: "DMOConformance", dependencies: ["DMOCore", "DMOHost", "DMOWorker", "CDMOHost"]),
    .systemLibrary(name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    // Optimised in every configuration: a debug build's tests train networks too. Contraction to fused
    // multiply-adds is wanted; nothing here reads errno or floating-point exceptions.
    .target(
      name: "CKernels",
      cSettings: cWarnings + [.unsafeFlags(["-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"])]),
    .target(name: "DMONumerics", dependencies: ["DMOCore", "CBLAS", "CKernels"]),
    .target(name: "DMOSurrogates", dependencies: ["DMOCore", "DMONumerics"]),
    .target(name: "DMOSearch", dependencies: ["DMOCore", "DMONumerics", "DMOSurrogates"]),
    .target(
      name: "DMOStudy",
      dependencies: ["CDMOHost", "DMOCore", "DMOWorker", "DMOSearch", .product(name: "GRDB", package: "GRDB.swift")]),
    // A problem in words: what laboratories, commands and Python models are described by.
    .target(name: "ProblemFile", dependencies: ["TOMLKit"]),
    // libhdf5, opened at run time: dmo builds and runs without it.
    .target(name: "CHDF5", cSettings: cWarnings),
    .target(name: "DMOExchange", dependencies: ["CHDF5", "DMOCore", "DMOSearch", "DMOStudy", "ProblemFile"]),
    // A study as one page. Its scripts and styles become part of the program, so that nothing is looked for at run time.
    .target(
      name: "DMOReport",
      dependencies: ["DMOCore", "DMONumerics", "DMOSurrogates", "DMOSearch", "DMOStudy"],
      resources: [.embedInCode("Page")]),
    // The published tables, as a command.
    .target(
      name: "DMOBench",
      dependencies: ["DMOCore", "DMOWorker", "DMONumerics", "DMOSurrogates", "DMOSearch", "DMOStudy"]),
    .executableTarget(
      name: "dmo",
      dependencies: [
        "CDMOHost", "DMOCore", "DMOHost", "DMOWorker", "DMONumerics", "DMOSurrogates", "DMOSearch", "DMOStudy",
        "DMOConformance", "DMOBench", "DMOReport", "DMOExchange", "ProblemFile", "SwiftCSV", "TOMLKit",
        .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .target(name: "PluginTestSupport", dependencies: ["CDMO"], path: "Tests/PluginTestSupport"),
    .testTarget(name: "DMOPluginKitTests", dependencies: ["CDMO", "DMOPluginKit", "PluginTestSupport"]),
    .testTarget(
      name: "TestProblemsTests", dependencies: ["CDMO", "DMOPluginKit", "PluginTestSupport", "TestProblemSuite"]),
    .testTarget(name: "DMOCoreTests", dependencies: ["DMOCore"]),
    .testTarget(name: "DMONumericsTests", dependencies: ["DMOCore", "DMONumerics"]),
    .testTarget(name: "DMOSamplingTests", dependencies: ["DMOCore", "DMONumerics"]),
    .testTarget(
      name: "DMOSurrogatesTests", dependencies: ["DMOCore", "DMONumerics", "DMOSurrogates"], exclude: ["Golden"]),
    .testTarget(
      name: "DMOSearchTests", dependencies: ["DMOCore", "DMONumerics", "DMOSurrogates", "DMOSearch"],
      exclude: ["Golden"]),
    .testTarget(
      name: "DMOStudyTests", dependencies: ["DMOStudy", .product(name: "GRDB", package: "GRDB.swift")]),
    .testTarget(name: "DMOBenchTests", dependencies: ["DMOCore", "DMOSearch", "DMOStudy", "DMOWorker", "DMOBench"]),
    .testTarget(name: "DMOReportTests", dependencies: ["DMOCore", "DMONumerics", "DMOStudy", "DMOReport"]),
    // Drives the built program as a user does.
    .testTarget(name: "CLITests", dependencies: ["dmo"], exclude: ["Fixtures"]),
    .executableTarget(name: "dmo-test-worker", dependencies: ["DMOWorker"], path: "Tests/Fixtures/WorkerHost"),
    .target(name: "DMOTestSupport", dependencies: ["CDMOHost", "DMOCore", "DMOHost", "DMOWorker"], path: "Tests/DMOTestSupport"),
    .testTarget(
      name: "DMOHostTests", dependencies: ["DMOHost", "DMOCore", "DMOTestSupport"], path: "Tests/DMOHostTests"),
    .testTarget(
      name: "DMOWorkerTests", dependencies: ["DMOWorker", "DMOHost", "DMOCore", "DMOTestSupport", "dmo-test-worker"],
      path: "Tests/DMOWorkerTests"),
    .testTarget(name: "DMOConformanceTests", dependencies: ["DMOConformance", "DMOHost", "DMOTestSupport", "CDMOHost", "dmo"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
