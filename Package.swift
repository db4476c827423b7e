// swift-tools-version: 6.1
import PackageDescription

/// Flags every C target shares. `dmo.h` is found from the package's root.
let cWarnings: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror=implicit-function-declaration"])]

/// A simulator plugin: one C folder below Plugins/, one shared library. Only `dmo_plugin_v1` is visible.
func plugin(_ target: String, links: [String] = ["m"], flags: [String] = []) -> Target {
  .target(
    name: target, dependencies: ["CDMO"], path: "Plugins/\(target)", exclude: ["README.md"],
    cSettings: cWarnings + [.unsafeFlags(["-std=c11", "-fvisibility=hidden"] + flags)],
    linkerSettings: links.map { .linkedLibrary($0) })
}

/// The package's folder: the linker runs elsewhere.
let root = Context.packageDirectory

let package = Package(
  name: "dmo",
  products: [
    .library(name: "testproblems", type: .dynamic, targets: ["TestProblems"])
  ],
  dependencies: [],
  targets: [
    // The C ABI. abi_check.c is compiled with every build, so that a moved field never goes unseen.
    .target(
      name: "CDMO", path: "SDK", exclude: ["dmo.pc.in", "swift"], sources: ["abi_check.c"],
      publicHeadersPath: "include", cSettings: cWarnings),

    // Plugins in Swift.
    .target(
      name: "CDMOPluginSlots", dependencies: ["CDMO"], path: "SDK/swift/Sources/CDMOPluginSlots", cSettings: cWarnings),
    .target(
      name: "DMOPluginKit", dependencies: ["CDMO", "CDMOPluginSlots"], path: "SDK/swift/Sources/DMOPluginKit"),
    .target(name: "TestProblemSuite", dependencies: ["DMOPluginKit"], path: "Plugins/TestProblems/Suite"),
    .target(
      name: "TestProblems", dependencies: ["DMOPluginKit", "TestProblemSuite"], path: "Plugins/TestProblems/Entry",
      linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(root)/SDK/swift/plugin.map"])]),

    .target(name: "DMOCore"),
    .target(name: "DMOSurrogates", dependencies: ["DMOCore"]),
    .target(name: "DMOSearch", dependencies: ["DMOCore", "DMOSurrogates"]),
    .target(name: "DMOWorker", dependencies: ["DMOCore"]),

    .target(name: "PluginTestSupport", dependencies: ["CDMO"], path: "Tests/PluginTestSupport"),
    .testTarget(name: "DMOPluginKitTests", dependencies: ["CDMO", "DMOPluginKit", "PluginTestSupport"]),
    .testTarget(
      name: "TestProblemsTests", dependencies: ["CDMO", "DMOPluginKit", "PluginTestSupport", "TestProblemSuite"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
