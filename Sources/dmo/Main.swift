import ArgumentParser
import DMOCore
import DMOWorker
import Foundation

@main
struct DMO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dmo",
    abstract: "Optimise expensive, constrained, gradient-free simulators.",
    discussion: """
      A simulator is a shared library behind a small C interface. dmo runs it in worker processes, learns a \
      differentiable surrogate from its answers, and uses the surrogate's gradient to decide what to simulate next.

        dmo run --plugin libopamp.so --budget 200
      """,
    version: Version.current,
    subcommands: [
      RunCommand.self, ResumeCommand.self, NewCommand.self, AskCommand.self, TellCommand.self, ImportCommand.self,
      EvalCommand.self, ListCommand.self, ShowCommand.self, ReportCommand.self, CompareCommand.self, WatchCommand.self,
      ExportCommand.self, CheckCommand.self, RepeatCommand.self, SensitivityCommand.self, TrainersCommand.self,
      PluginCommand.self, IndicatorCommand.self,
      BenchCommand.self,
      WorkerCommand.self, CheckWorkerCommand.self, ManualCommand.self,
    ])

  static func main() {
    // Standard output may be a pipe whose reader leaves early.
    signal(SIGPIPE, SIG_IGN)
    var console = Console(
      style: .auto, isQuiet: false, isVerbose: false, isJSON: CommandLine.arguments.contains("--json"))
    do {
      var command = try parseAsRoot(try Invocation.arguments.get())
      try command.run()
    } catch let exit as ExitCode {
      leave(exit.rawValue)
    } catch {
      // ArgumentParser's own errors and its help; everything else becomes an error with a hint.
      if isParserError(error) {
        let status = Self.exitCode(for: error)
        let text = Self.fullMessage(for: error)
        if status.isSuccess {
          Console.out(text)
          leave(Exit.done)
        }
        if console.isJSON {
          console.fail(UserError(Self.message(for: error), hint: "dmo --help"))
        } else {
          Console.write(text + "\n", to: STDERR_FILENO)
        }
        leave(Exit.usage)
      }
      let failure = UserError(error)
      console.fail(failure)
      leave(failure.exit)
    }
    leave(Exit.done)
  }

  /// Ends the process with the threads as they are: a search may still look ahead, for nothing now, and `exit` would
  /// unload the libraries that it computes with under it.
  private static func leave(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }

  private static func isParserError(_ error: any Error) -> Bool {
    error is ValidationError || error is CleanExit || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
  }
}
