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

let package = Package(
  name: "dmo",
  products: [],
  dependencies: [],
  targets: [
    // The C ABI. abi_check.c is compiled with every build, so that a moved field never goes unseen.
    .target(
      name: "CDMO", path: "SDK", exclude: ["dmo.pc.in"], sources: ["abi_check.c"], publicHeadersPath: "include",
      cSettings: cWarnings),

    .target(name: "DMOCore"),
    .target(name: "DMOSurrogates", dependencies: ["DMOCore"]),
    .target(name: "DMOSearch", dependencies: ["DMOCore", "DMOSurrogates"]),
    .systemLibrary(
      name: "CLtdl", path: "Sources/CLtdl", providers: [.apt(["libltdl-dev"])]),
    // System calls that Swift cannot make: variadic ones, C11 atomics, a spawn between whose steps nothing may allocate.
    .target(name: "CDMOHost", cSettings: cWarnings),
    .target(name: "DMOHost", dependencies: ["DMOCore", "CDMO", "CLtdl", "CDMOHost"]),
    .target(name: "DMOWorker", dependencies: ["DMOCore", "DMOHost", "CDMOHost"]),
    .executableTarget(name: "dmo-test-worker", dependencies: ["DMOWorker", "DMOHost", "DMOCore"], path: "Tests/Fixtures/WorkerHost"),
    .target(name: "DMOTestSupport", dependencies: ["CDMOHost", "DMOCore", "DMOHost", "DMOWorker"], path: "Tests/DMOTestSupport"),
    .executableTarget(
      name: "dmo-bench-isolation", dependencies: ["DMOWorker", "DMOHost", "DMOCore", "DMOTestSupport"],
      path: "Tests/Benchmarks/Isolation"),
    .testTarget(
      name: "DMOHostTests", dependencies: ["DMOHost", "DMOCore", "DMOTestSupport"], path: "Tests/DMOHostTests"),
    .testTarget(
      name: "DMOWorkerTests",
      dependencies: [
        "CDMOHost", "DMOWorker", "DMOHost", "DMOCore", "DMOTestSupport", "dmo-test-worker",
      ],
      path: "Tests/DMOWorkerTests"),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
