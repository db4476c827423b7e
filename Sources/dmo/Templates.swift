import DMOHost
import Foundation

/// The plugin templates that `dmo plugin new` copies: a folder with `common` and one folder for each language; `mpi` is
/// C over the ranks of an MPI group.
struct Templates {
  enum Language: String, CaseIterable {
    case c, cpp, swift, mpi

    /// The file that an author changes first.
    var source: String {
      switch self {
      case .c, .mpi: "plugin.c"
      case .cpp: "plugin.cpp"
      case .swift: "Sources/Plugin.swift"
      }
    }
  }

  /// The folder of all templates.
  let folder: String

  /// Finds the templates: `DMO_TEMPLATES`, else `../share/dmo/templates` beside the program, else, for a program that
  /// was built and not installed, `SDK/templates` of the checkout above it.
  /// - Throws: `UserError` with the folders that were looked at.
  init(environment: [String: String] = ProcessInfo.processInfo.environment, executable: String?) throws {
    if let own = environment["DMO_TEMPLATES"], !own.isEmpty {
      guard Self.isFolder(own) else {
        throw UserError(
          "DMO_TEMPLATES=\(own): is no folder", hint: "unset it, or give the folder that has c, cpp, mpi and swift",
          exit: Exit.storage)
      }
      folder = own
      return
    }
    let program = URL(fileURLWithPath: executable ?? "/").deletingLastPathComponent()
    var places = [program.appendingPathComponent("../share/dmo/templates").standardizedFileURL.path]
    var above = program
    while above.path != "/" {
      above.deleteLastPathComponent()
      places.append(above.appendingPathComponent("SDK/templates").path)
    }
    guard let found = places.first(where: Self.isFolder) else {
      throw UserError(
        "the plugin templates are missing: there is no \(places[0])",
        hint: "install dmo with `make install PREFIX=…`, or set DMO_TEMPLATES to SDK/templates of its sources",
        exit: Exit.storage)
    }
    folder = found
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// Why `name` cannot name a plugin, in words, or nil. It becomes the problem's id and the library's file.
  static func objection(to name: String) -> String? {
    let small = Set("abcdefghijklmnopqrstuvwxyz")
    guard let first = name.first, small.contains(first),
      name.allSatisfy({ small.contains($0) || "0123456789_-".contains($0) })
    else { return "a name has small letters, digits, '_' and '-', and starts with a letter" }
    return name.count > 60 ? "a name has at most 60 characters" : nil
  }

  /// Makes the folder `path` with a plugin called `name` in it, whole or not at all.
  /// - Returns: the files made, relative to the folder.
  /// - Throws: `UserError`: no such template, the folder exists or cannot be written.
  func make(_ language: Language, name: String, at path: String) throws -> [String] {
    let files = FileManager.default
    // attributesOfItem, unlike fileExists, sees a link that leads nowhere, too.
    if (try? files.attributesOfItem(atPath: path)) != nil {
      throw UserError(
        "\(path): exists already", hint: "choose another name, or remove it first", exit: Exit.storage)
    }
    let texts = try texts(language, name: name)
    let part = "\(path).part-\(ProcessInfo.processInfo.processIdentifier)"
    do {
      for (file, text) in texts {
        let target = URL(fileURLWithPath: part).appendingPathComponent(file)
        try files.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: target, atomically: false, encoding: .utf8)
      }
      try files.moveItem(atPath: part, toPath: path)
    } catch {
      try? files.removeItem(atPath: part)
      throw UserError(
        "\(path): cannot be written: \(error.localizedDescription)", hint: "choose a folder that you may write",
        exit: Exit.storage)
    }
    return texts.map(\.0)
  }

  /// The files of a new plugin with their texts, sorted by name.
  private func texts(_ language: Language, name: String) throws -> [(String, String)] {
    let kit = URL(fileURLWithPath: folder).appendingPathComponent("../swift").standardizedFileURL.path
    let hasKit = FileManager.default.fileExists(atPath: kit + "/Package.swift")
    let module = name.split { $0 == "-" || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    let words = [
      ("@NAME@", name), ("@MODULE@", module + "Plugin"), ("@SOURCE@", language.source),
      ("@KIT@", hasKit ? kit : "/usr/local/share/dmo/swift"),
    ]
    var result: [String: String] = [:]
    for part in ["common", language.rawValue] {
      let base = URL(fileURLWithPath: folder).appendingPathComponent(part)
      for file in try Self.files(below: base.path) {
        let text: String
        do { text = try String(contentsOf: base.appendingPathComponent(file), encoding: .utf8) } catch {
          throw UserError(
            "\(base.path)/\(file): cannot be read: \(error.localizedDescription)",
            hint: "install dmo's templates again, or set DMO_TEMPLATES", exit: Exit.storage)
        }
        // A leading dot would hide the file from whoever looks at the templates.
        let target = file == "gitignore" ? ".gitignore" : file
        result[target] = words.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
      }
    }
    return result.sorted { $0.key < $1.key }
  }

  private static func files(below folder: String) throws -> [String] {
    guard isFolder(folder), let walk = FileManager.default.enumerator(atPath: folder) else {
      throw UserError(
        "\(folder): there is no such template", hint: "install dmo's templates again, or set DMO_TEMPLATES",
        exit: Exit.storage)
    }
    return walk.compactMap { $0 as? String }.filter { !isFolder("\(folder)/\($0)") }
  }
}
