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
    .library(name: "hh", type: .dynamic, targets: ["HodgkinHuxley"]),
  ],
  dependencies: [],
  targets: [
    // The C ABI. abi_check.c is compiled with every build, so that a moved field never goes unseen.
    .target(
      name: "CDMO", path: "SDK", exclude: ["dmo.pc.in"], sources: ["abi_check.c"], publicHeadersPath: "include",
      cSettings: cWarnings),

    plugin("HodgkinHuxley"),

    .target(name: "DMOCore"),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
