// swift-tools-version: 6.1
import PackageDescription

// DMOPluginKit of the installed SDK; the Makefile names it.
let kit = Context.environment["DMO_SWIFT"] ?? "@KIT@"

let package = Package(
  name: "@NAME@",
  products: [.library(name: "@NAME@", type: .dynamic, targets: ["@MODULE@"])],
  dependencies: [.package(path: kit)],
  targets: [
    .target(
      name: "@MODULE@", dependencies: [.product(name: "DMOPluginKit", package: "swift")], path: "Sources",
      // Only the entry point is visible, so that two plugins never see each other's copy of the kit.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--version-script=\(kit)/plugin.map"])])
  ],
  swiftLanguageModes: [.v6]
)
