import Foundation
import Testing

/// The reference answers beside the repository, where they are.
enum Oracle {
  struct Case: Decodable, CustomTestStringConvertible {
    let problem: String
    let n: Int, q: Int, k: Int
    let lower: [Double], upper: [Double]
    let X: [[Double]], F: [[Double]], G: [[Double]]?
    var testDescription: String { problem }
  }
  private struct File: Decodable { let cases: [Case] }

  static let folder: URL =
    ProcessInfo.processInfo.environment["DMO_SHARED"].map { URL(fileURLWithPath: $0) }
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")

  static let file = folder.appendingPathComponent("oracle/testproblems/testproblems.json")
  static var isPresent: Bool { FileManager.default.fileExists(atPath: file.path) }

  static func cases() throws -> [Case] { try JSONDecoder().decode(File.self, from: Data(contentsOf: file)).cases }
}
