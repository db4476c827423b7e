import ArgumentParser
import DMOWorker
import Foundation

/// What dmo starts for itself: serves evaluations over inherited descriptors. Not for people.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

  func run() throws { Foundation.exit(workerMain()) }
}
