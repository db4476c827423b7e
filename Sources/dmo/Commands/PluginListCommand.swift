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
          DMO_PLUGIN_PATH=. dmo plugin list --json
        """)
    @OptionGroup var words: ConsoleOptions

    func run() throws {
      let places = PluginFinder().search()
      let found = PluginSurvey(places)
      if words.json {
        for (path, info, hider) in found.plugins {
          let extra = hider.map { [("hidden_by", JSON.string($0))] } ?? []
          Console.out(PluginText.json(info, path: path, extra: extra).text)
        }
        for (path, why) in found.refused {
          Console.out(
            JSON.object([
              ("type", .string("refused")), ("path", .string(path)), ("why", .string(why.message)),
              ("hint", .string(why.hint)),
            ]).text)
        }
        Console.out(
          JSON.object([
            ("type", .string("searched")), ("folders", .array(places.map { .string($0.folder) })),
            ("missing", .array(places.filter { !$0.exists }.map { .string($0.folder) })),
            (
              "unreadable",
              .array(
                places.filter { !$0.trouble.isEmpty }.map {
                  .object([("folder", .string($0.folder)), ("why", .string($0.trouble))])
                })
            ),
          ]).text)
        return
      }
      for (path, info, hider) in found.plugins {
        Console.out(PluginText.line(info, path: path))
        if let hider { Console.out("    reached by its path alone: a name finds \(hider) first") }
      }
      if found.plugins.isEmpty { Console.out("no plugin found") }
      for (path, why) in found.refused { Console.out("refused \(path)\n  \(why.message)") }
      let folders = places.map { place in
        let note = place.trouble.isEmpty ? (place.exists ? "" : " (not there)") : " (unreadable: \(place.trouble))"
        return "  \(place.folder)\(note)"
      }
      Console.out("searched\n" + folders.joined(separator: "\n"))
    }
  }
}

/// What the files of the searched folders are: plugins, or why not. Each is opened in a process of its own.
struct PluginSurvey {
  /// The file, its tables, and the file of the same name in an earlier folder.
  private(set) var plugins: [(path: String, info: PluginInfo, hider: String?)] = []
  private(set) var refused: [(path: String, why: UserError)] = []

  /// - Complexity: one process for each file.
  init(_ places: [PluginFinder.Searched]) {
    let scanner = PluginScanner()
    var seen: Set<String> = []
    var first: [String: String] = [:]
    for place in places {
      for name in place.files {
        let file = place.folder + "/" + name
        do {
          let path = try PluginFinder(folders: []).resolve(file)
          // One file may be reached on several ways.
          guard seen.insert(path).inserted else { continue }
          plugins.append((path, try scanner.describe(path), first[name]))
          if first[name] == nil { first[name] = path }
        } catch let error as PluginError where error.code == .notFound {
          refused.append((file, UserError("\(file): a link that leads nowhere", hint: "remove it")))
        } catch {
          refused.append((file, UserError(error)))
        }
      }
    }
  }
}
