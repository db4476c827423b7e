import ArgumentParser
import DMOCore
import DMOExchange
import DMOHost
import DMOSearch
import DMOStudy
import DMOSurrogates
import DMOWorker
import ProblemFile

/// What the program's exit status means; documented in docs/cli.md.
enum Exit {
  static let done: Int32 = 0
  /// A check failed, or no feasible point was found though `--require-feasible` asked for one.
  static let failed: Int32 = 1
  static let usage: Int32 = 2
  /// The plugin could not be loaded, or is broken.
  static let plugin: Int32 = 3
  /// `plugin validate`: the validator itself failed.
  static let validator: Int32 = 3
  /// The failure policy stopped the run.
  static let policy: Int32 = 4
  static let storage: Int32 = 5
  /// Stopped before the budget was spent, by `--time`, SIGTERM or SIGUSR1: `dmo resume` goes on. BSD's EX_TEMPFAIL.
  static let resumable: Int32 = 75
  /// 128 + SIGINT.
  static let interrupted: Int32 = 130
}

/// An error as the user reads it: the thing and its cause, the next step, the exit status.
struct UserError: Error {
  var message: String
  var hint: String
  var exit: Int32

  init(_ message: String, hint: String = "", exit: Int32 = Exit.usage) {
    self.message = message
    self.hint = hint
    self.exit = exit
  }

  /// Maps what the modules throw.
  init(_ error: any Error) {
    switch error {
    case let e as UserError: self = e
    case let e as PluginError:
      let isUsage = [.unknownProblem, .unknownOption, .badOption].contains(e.code)
      self.init(e.description, hint: e.hint, exit: isUsage ? Exit.usage : Exit.plugin)
    case let e as EvaluatorError: self.init(e.description, exit: Exit.plugin)
    case let e as StudyError:
      self.init(e.description, hint: e.hint, exit: e.code == .badRequest ? Exit.usage : Exit.storage)
    case let e as ExchangeError:
      self.init(e.description, hint: e.hint, exit: e.code == .mismatch ? Exit.usage : Exit.storage)
    case let e as ProblemFileError: self.init(e.description, hint: e.hint)
    case let e as GoalRequestError: self.init(e.description, hint: e.hint)
    case let e as SurrogateError: self.init(e.description, hint: "dmo run --help lists trainers and their options")
    case let e as SearchError: self.init(e.description, hint: "`dmo run --help`, docs/cli.md")
    default: self.init("\(error)", exit: Exit.failed)
    }
  }
}
