import ArgumentParser
import DMOHost
import Foundation

extension PluginCommand {
  /// `dmo plugin new`: a folder with a plugin that builds, tests and validates at once.
  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start a plugin: a folder with source, build file, golden test and README.",
      discussion: """
        The plugin is a small simulator that works; it builds with nothing but the installed SDK.

          dmo plugin new --lang c lens
          cd lens && make && make test && dmo plugin validate liblens.so
        """)

    @Option(name: .customLong("lang"), help: "The language: c, cpp, swift, or mpi for C shared by MPI ranks (docs/hpc.md).")
    var language: Templates.Language
    @Argument(help: "The plugin's name, such as lens; the folder, the problem and lib<name>.so are called so.")
    var name: String
    @OptionGroup var words: ConsoleOptions

    func run() throws {
      var console = words.console
      if let objection = Templates.objection(to: name) {
        throw UserError("'\(name)' cannot name a plugin: \(objection)", hint: "dmo plugin new --lang \(language) lens")
      }
      let templates = try Templates(executable: PluginFinder.executablePath)
      let files = try templates.make(language, name: name, at: name)
      if words.json {
        Console.out(
          JSON.object([
            ("type", .string("new")), ("name", .string(name)), ("language", .string(language.rawValue)),
            ("folder", .string(FileManager.default.currentDirectoryPath + "/" + name)),
            ("files", .array(files.map { .string($0) })),
          ]).text)
        return
      }
      Console.out("made \(name): " + files.joined(separator: ", "))
      console.note("next: cd \(name) && make && make test && dmo plugin validate lib\(name).so")
    }
  }
}

extension Templates.Language: ExpressibleByArgument {}
