import ArgumentParser
import DMOCore
import DMOHost
import DMOWorker

extension PluginCommand {
  /// `dmo plugin show`
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
