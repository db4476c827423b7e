import ArgumentParser
import DMOWorker
import Foundation

/// Where evaluations run.
struct ExecutorOptions: ParsableArguments {
  enum Executor: String, ExpressibleByArgument, CaseIterable {
    case local, mpi
  }

  @Option(help: "Where evaluations run: on this machine, or on the ranks of `mpirun -n N dmo …` but the first.")
  var executor: Executor = .local
  @Option(help: ArgumentHelp("MPI ranks that share an evaluation, for plugins that offer dmo.mpi/1.", valueName: "K"))
  var ranksPerEvaluation = 1

  func validate() throws {
    if ranksPerEvaluation < 1 || ranksPerEvaluation > 100_000 {
      throw ValidationError("--ranks-per-evaluation \(ranksPerEvaluation): write a number from 1 to 100000")
    }
    if ranksPerEvaluation > 1 && executor == .local {
      throw ValidationError("--ranks-per-evaluation needs --executor mpi")
    }
  }

  /// Checks what cannot be had together with MPI. - Throws: `UserError`
  func check(jobs: Int, inProcess: Bool, timeout: Double?, limits: WorkerLimits) throws {
    if executor == .local { return }
    if inProcess { throw UserError("--in-process runs one evaluation inside dmo, not on other ranks: leave it away") }
    if jobs > 1 {
      throw UserError("--jobs \(jobs): with --executor mpi each rank is a job", hint: "start more ranks: mpirun -n N")
    }
    if ranksPerEvaluation > 1 && (timeout != nil || limits != WorkerLimits()) {
      throw UserError(
        "--eval-timeout, --worker-memory, --eval-cpu and --sandbox bind worker processes, and ranks that share an "
          + "evaluation have none", hint: "leave them or --ranks-per-evaluation away")
    }
  }

  /// Starts MPI where it is asked for. On every rank but the first this serves until the study ends, and does not return.
  /// - Throws: `EvaluatorError`
  func world(_ console: inout Console) throws -> MPIWorld? {
    guard executor == .mpi else { return nil }
    let world = try MPIWorld(libraryPaths: Self.libraryPaths, ranksPerEvaluation: ranksPerEvaluation)
    if world.rank > 0 {
      let report = Session.reporter(isVerbose: console.isVerbose)
      Foundation.exit(world.serve(WorkerSettings(onEvent: report)))
    }
    console.note(
      "\(world.library): \(Text.count(world.size, "rank")), \(Text.count(world.groups, "evaluation")) at a time"
        + (world.idleRanks > 0 ? "; \(Text.count(world.idleRanks, "rank")) too few for another group, and idle" : ""))
    return world
  }

  /// Where libdmo-mpi.so is looked for: DMO_MPI_LIBRARY, beside dmo, `../lib/dmo` from there, the system's folders.
  static var libraryPaths: [String] {
    let name = "libdmo-mpi.so"
    if let path = ProcessInfo.processInfo.environment["DMO_MPI_LIBRARY"], !path.isEmpty { return [path] }
    let folder = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(fileURLWithPath: $0).deletingLastPathComponent()
    }
    let own = folder.map { [$0.appending(path: name), $0.appending(path: "../lib/dmo/\(name)")].map(\.path) } ?? []
    return own.filter { FileManager.default.fileExists(atPath: $0) } + [name]
  }
}
