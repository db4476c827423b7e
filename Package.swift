// swift-tools-version: 6.1
import PackageDescription

/// Flags every C target shares. `dmo.h` is found from the package's root.
let cWarnings: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror=implicit-function-declaration"])]

/// A simulator plugin: one C folder below Plugins/, one shared library. Only `dmo_plugin_v1` is visible.
func plugin(_ target: String, links: [String] = ["m"], flags: [String] = []) -> Target {
  .target(
    name: target, dependencies: ["CDMO"], path: "Plugins/\(target)", exclude: ["README.md"],
    publicHeadersPath: ".",
    cSettings: cWarnings + [.unsafeFlags(["-std=c11", "-fvisibility=hidden"] + flags)],
    linkerSettings: links.map { .linkedLibrary($0) })
}

let package = Package(
  name: "dmo",
  products: [
    .library(name: "opamp", type: .dynamic, targets: ["OpAmp"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
  ],
  targets: [
    // The C ABI. abi_check.c is compiled with every build, so that a moved field never goes unseen.
    .target(
      name: "CDMO", path: "SDK", exclude: ["dmo.pc.in"], sources: ["abi_check.c"], publicHeadersPath: "include",
      cSettings: cWarnings),

    .target(name: "DMOCore"),
    plugin("OpAmp", links: ["ngspice", "m"], flags: ["-D_GNU_SOURCE"]),

    .target(name: "DMOSurrogates", dependencies: ["DMOCore"]),
    .target(name: "DMOSearch", dependencies: ["DMOCore", "DMOSurrogates"]),
    .systemLibrary(
      name: "CLtdl", path: "Sources/CLtdl", providers: [.apt(["libltdl-dev"])]),
    // System calls that Swift cannot make: variadic ones, C11 atomics, a spawn between whose steps nothing may allocate.
    .target(name: "CDMOHost", cSettings: cWarnings),
    .target(name: "DMOHost", dependencies: ["DMOCore", "CDMO", "CLtdl", "CDMOHost"]),
    .target(name: "DMOWorker", dependencies: ["DMOCore", "DMOHost", "CDMOHost"]),
    .target(
      name: "DMOStudy",
      dependencies: ["DMOCore", "DMOWorker", "DMOSearch", .product(name: "GRDB", package: "GRDB.swift")]),
    .executableTarget(
      name: "dmo",
      dependencies: [
        "DMOCore", "DMOHost", "DMOWorker", "DMOSurrogates", "DMOSearch", "DMOStudy", "SwiftCSV", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(
      name: "DMOStudyTests", dependencies: ["DMOStudy", .product(name: "GRDB", package: "GRDB.swift")]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
