import ArgumentParser
import DMOConformance
import DMOHost
import Foundation

/// `dmo plugin validate`
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Hold a plugin to the rules of dmo.h.",
    discussion: """
      Each check runs in a process of its own, so a plugin that crashes or hangs costs one check. The exit status is 0
      when something was checked and nothing failed, 1 when a check failed, 2 for a wrong command line (an empty
      selection, too), 3 when the validator itself failed. docs/validate.md explains every check.

        dmo plugin validate ./liblens.so
        dmo plugin validate ./liblens.so --level deep --jobs 4 --junit lens.xml
        dmo plugin validate ./liblens.so --include 'grad.*' --seed 7
      """)

  @Argument(help: "The plugin: a path, or a name looked for in the plugin folders.")
  var plugin: String?
  @Option(help: "Only this problem; otherwise all.")
  var problem: String?
  @Option(help: "quick (seconds), standard (half a minute) or deep (minutes).")
  var level: Check.Level = .standard
  @Option(help: ArgumentHelp("Only the checks whose ids match; may be repeated.", valueName: "glob"))
  var include: [String] = []
  @Option(help: ArgumentHelp("Not the checks whose ids match; may be repeated.", valueName: "glob"))
  var exclude: [String] = []
  @Option(name: .customLong("set"), help: ArgumentHelp("An option of the plugin.", valueName: "key=value"))
  var settings: [String] = []
  @Option(help: "Chooses the points and sequences.")
  var seed: UInt64 = 1
  @Option(help: "Checks at the same time.")
  var jobs = min(ProcessInfo.processInfo.activeProcessorCount, 8)
  @Option(help: ArgumentHelp("How long a check may take beyond its own repetitions.", valueName: "seconds"))
  var timeout = 20.0
  @Option(help: ArgumentHelp("How long a check may repeat itself; otherwise 5, with deep 60.", valueName: "seconds"))
  var seconds: Double?
  @Option(help: ArgumentHelp("Also write the results as JUnit XML.", valueName: "file"))
  var junit: String?
  @Flag(help: "List the checks instead, each with its level.")
  var list = false
  @Flag(help: "With --list: as docs/validate.md has it.")
  var markdown = false
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if jobs < 1 || jobs > 256 { throw ValidationError("--jobs \(jobs): give a number from 1 to 256") }
    if !(timeout > 0 && timeout <= 86_400) { throw ValidationError("--timeout \(timeout): give seconds, up to a day") }
    if let seconds, !(seconds > 0 && seconds <= 86_400) {
      throw ValidationError("--seconds \(seconds): give seconds, up to a day")
    }
    if !list && plugin == nil { throw ValidationError("name the plugin's file, such as ./liblens.so") }
    if markdown && !list { throw ValidationError("--markdown goes with --list") }
  }

  func run() throws {
    if list { return printList() }
    guard let plugin else { return }
    var plan = ValidationPlan(path: (try? PluginFinder().resolve(plugin)) ?? plugin)
    plan.problem = problem
    plan.options = try KeyValue.parse(settings, flag: "--set")
    (plan.level, plan.include, plan.exclude) = (level, include, exclude)
    (plan.seed, plan.jobs, plan.timeout, plan.budget) = (seed, jobs, timeout, seconds)
    var report = ValidationReport(plan: plan, console: words.console)
    do {
      let validator = try Validator(plan)
      report.start()
      let summary = try validator.run { report.add($0) }
      report.finish(summary)
      if let junit { try report.writeJUnit(to: junit) }
      throw ExitCode(summary.isClean ? Exit.done : Exit.failed)
    } catch let fault as ValidationFault {
      throw UserError(
        fault.description, hint: fault.hint, exit: fault.code == .system ? Exit.validator : Exit.usage)
    }
  }

  private func printList() {
    if markdown { return Console.write(Registry.markdown, to: STDOUT_FILENO) }
    for check in Registry.checks where check.level <= level {
      if words.json {
        Console.out(
          JSON.object([
            ("type", .string("check")), ("id", .string(check.id)), ("level", .string(check.level.rawValue)),
            ("summary", .string(check.summary)), ("why", .string(check.why)), ("fix", .string(check.fix)),
          ]).text)
      } else {
        Console.out("\(check.id.padding(26)) \(check.level.rawValue.padding(9)) \(check.summary)")
      }
    }
  }
}

extension Check.Level: ExpressibleByArgument {}

/// What dmo starts for itself: runs one check. Not for people.
struct CheckWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "check-worker", shouldDisplay: false)

  func run() throws { Foundation.exit(checkWorkerMain()) }
}
