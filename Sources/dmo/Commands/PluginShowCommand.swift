import ArgumentParser
import DMOCore
import DMOHost
import DMOWorker

extension PluginCommand {
  /// `dmo plugin show`
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A plugin's problems: parameters, outputs, options, fidelities, known points.",
      discussion: """
        The plugin is opened in a process of its own. Parameters and outputs are those of an instance with the options
        given, or their defaults.

          dmo plugin show opamp
          dmo plugin show liboscillators.so --problem cnon --set n=5
        """)
    @Argument(help: "A path, or a name looked for in the plugin folders.")
    var plugin: String
    @Option(help: "Only this problem.")
    var problem: String?
    @Option(name: .customLong("set"), help: ArgumentHelp("An option of the plugin.", valueName: "key=value"))
    var settings: [String] = []
    @OptionGroup var words: ConsoleOptions

    func run() throws {
      let path = try PluginFinder().resolve(plugin)
      let options = try KeyValue.parse(settings, flag: "--set")
      var info = try PluginScanner().describe(path)
      if let problem, !info.problems.contains(where: { $0.id == problem }) {
        throw UserError(
          "\(path): has no problem '\(problem)'", hint: "its problems: \(info.problems.map(\.id).joined(separator: ", "))")
      }
      var references: [String: [ReferencePoint]] = [:]
      info.problems = try info.problems.filter { problem == nil || $0.id == problem }.map { table in
        guard let told = try inspect(PluginSelection(path: path, problem: table.id, options: options), table) else {
          return table
        }
        references[table.id] = told.references
        return told.problem
      }
      Console.out(
        words.json
          ? PluginText.json(info, path: path, references: references).text
          : PluginText.full(info, path: path, references: references))
    }

    /// What an instance tells; nil where there is none, but the tables suffice: a required option that the user did not
    /// give, or a constant spec.
    private func inspect(
      _ selection: PluginSelection, _ table: ProblemInfo
    ) throws -> (problem: ProblemInfo, references: [ReferencePoint])? {
      do { return try PluginScanner().inspect(selection) } catch let error as PluginError
        where selection.options.isEmpty && (error.code == .badOption || table.spec != nil)
      {
        var console = words.console
        if error.code != .badOption { console.warn("\(error)") }
        return nil
      }
    }
  }
}
