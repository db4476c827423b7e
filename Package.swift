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
  products: [
    // For Tests/Benchmarks, which is a package of its own.
    .library(name: "DMOSurrogates", targets: ["DMOSurrogates", "DMONumerics", "DMOCore"])
  ],
  dependencies: [],
  targets: [
    // The C ABI. abi_check.c is compiled with every build, so that a moved field never goes unseen.
    .target(
      name: "CDMO", path: "SDK", exclude: ["dmo.pc.in"], sources: ["abi_check.c"], publicHeadersPath: "include",
      cSettings: cWarnings),

    .target(name: "DMOCore"),
    .systemLibrary(name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    // Optimised in every configuration: a debug build's tests train networks too. Contraction to fused
    // multiply-adds is wanted; nothing here reads errno or floating-point exceptions.
    .target(
      name: "CKernels",
      cSettings: cWarnings + [.unsafeFlags(["-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"])]),
    .target(name: "DMONumerics", dependencies: ["DMOCore", "CBLAS", "CKernels"]),
    .target(name: "DMOSurrogates", dependencies: ["DMOCore", "DMONumerics"]),
    .target(name: "DMOSearch", dependencies: ["DMOCore", "DMOSurrogates"]),
    .target(name: "DMOWorker", dependencies: ["DMOCore"]),

    .testTarget(name: "DMONumericsTests", dependencies: ["DMOCore", "DMONumerics"]),
    .testTarget(name: "DMOSurrogatesTests", dependencies: ["DMOCore", "DMONumerics", "DMOSurrogates"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
