// swift-tools-version: 6.1
import PackageDescription

/// Timings, kept out of the tests; `swift run -c release NAME` in this folder.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "dmo", path: "../..")],
  targets: [
    .executableTarget(name: "trainbench", dependencies: [.product(name: "DMOSurrogates", package: "dmo")]),
    .executableTarget(
      name: "evobench",
      dependencies: [
        .product(name: "DMOSearch", package: "dmo"), .product(name: "TestProblemSuite", package: "dmo"),
      ]),
    .executableTarget(name: "isolation", dependencies: [.product(name: "DMOWorker", package: "dmo")]),
    .executableTarget(
      name: "gpbench",
      dependencies: [.product(name: "DMOSurrogates", package: "dmo"), .product(name: "DMOSearch", package: "dmo")]),
  ],
  swiftLanguageModes: [.v6]
)
