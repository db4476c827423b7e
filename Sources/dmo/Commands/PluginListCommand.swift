import ArgumentParser
import DMOCore
import DMOHost
import DMOWorker

extension PluginCommand {
  /// `dmo plugin list`
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
}
