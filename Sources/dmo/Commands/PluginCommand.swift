import ArgumentParser
import DMOCore
import DMOHost
import DMOWorker

/// `dmo plugin …`
struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "List, describe and validate plugins.", subcommands: [List.self, Show.self, ValidateCommand.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What plugins were found where, and why files were refused.",
      discussion: """
        Each file is opened in a process of its own, never in dmo itself.

          dmo plugin list
        """)
    @OptionGroup var words: ConsoleOptions

    func run() throws {
      let finder = PluginFinder()
      let scanner = PluginScanner()
      var found: [(String, PluginInfo)] = []
      var refused: [(String, UserError)] = []
      for path in finder.candidates() {
        do { found.append((path, try scanner.describe(path))) } catch { refused.append((path, UserError(error))) }
      }
      if words.json {
        for (path, info) in found { Console.out(PluginText.json(info, path: path).text) }
        for (path, why) in refused {
          Console.out(
            JSON.object([("type", .string("refused")), ("path", .string(path)), ("why", .string(why.message))]).text)
        }
        Console.out(
          JSON.object([("type", .string("searched")), ("folders", .array(finder.folders.map { .string($0) }))]).text)
        return
      }
      for (path, info) in found { Console.out(PluginText.line(info, path: path)) }
      if found.isEmpty { Console.out("no plugin found") }
      for (path, why) in refused { Console.out("refused \(path)\n  \(why.message)") }
      Console.out("searched\n" + finder.folders.map { "  \($0)" }.joined(separator: "\n"))
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A plugin's problems: parameters, outputs, options, abilities.",
      discussion: """
          dmo plugin show opamp
          dmo plugin show liboscillators.so --problem cnon --set n=5
        """)
    @Argument(help: "A path, or a name looked for in the plugin folders.")
    var plugin: String
    @Option(help: "Only this problem.")
    var problem: String?
    @Option(name: .customLong("set"), help: ArgumentHelp("An option that changes the problem's shape.", valueName: "key=value"))
    var settings: [String] = []
    @OptionGroup var words: ConsoleOptions

    func run() throws {
      let path = try PluginFinder().resolve(plugin)
      let options = try KeyValue.parse(settings, flag: "--set")
      let scanner = PluginScanner()
      var info = try scanner.describe(path)
      if let problem, !info.problems.contains(where: { $0.id == problem }) {
        throw UserError(
          "\(path): has no problem '\(problem)'", hint: "its problems: \(info.problems.map(\.id).joined(separator: ", "))")
      }
      info.problems = try info.problems.filter { problem == nil || $0.id == problem }.map { table in
        guard table.spec == nil || !options.isEmpty else { return table }
        // Only an instance can tell; one that needs an option the user did not give is shown without its tables.
        do {
          return try scanner.describe(PluginSelection(path: path, problem: table.id, options: options)).problem
        } catch let error as PluginError where error.code == .badOption && options.isEmpty {
          return table
        }
      }
      Console.out(words.json ? PluginText.json(info, path: path).text : PluginText.full(info, path: path))
    }
  }
}
