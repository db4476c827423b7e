#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where plugins lie on this machine. Looks at names and folders only; opens nothing.
public struct PluginFinder: Sendable {
  /// The folders searched, in order.
  public var folders: [String]

  /// Searches exactly these folders.
  public init(folders: [String]) { self.folders = folders }

  /// The usual folders: `DMO_PLUGIN_PATH` (separated by colons), `$XDG_DATA_HOME/dmo/plugins` or
  /// `~/.local/share/dmo/plugins`, the program's own folder, `../lib/dmo/plugins` beside it,
  /// `/usr/local/lib/dmo/plugins`, `/usr/lib/dmo/plugins`.
  /// - Parameters:
  ///   - environment: looks a variable up; the process's own by default.
  ///   - executable: the program's file; this program's by default.
  public init(
    environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } },
    executable: String? = PluginFinder.executablePath
  ) {
    var all: [String] = []
    if let path = environment("DMO_PLUGIN_PATH") {
      all += path.split(separator: ":").map(String.init)
    }
    if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") {
      all.append(data + "/dmo/plugins")
    } else if let home = environment("HOME"), !home.isEmpty {
      all.append(home + "/.local/share/dmo/plugins")
    }
    if let executable, let slash = executable.lastIndex(of: "/") {
      let folder = String(executable[..<slash])
      all += [folder.isEmpty ? "/" : folder, folder + "/../lib/dmo/plugins"]
    }
    all += ["/usr/local/lib/dmo/plugins", "/usr/lib/dmo/plugins"]
    var seen: Set<String> = []
    folders = all.filter { seen.insert($0).inserted }
  }

  /// The file of the running program, or nil where the system does not tell.
  public static var executablePath: String? { realPath("/proc/self/exe") }

  /// The plugin's file for what the user wrote.
  ///
  /// A name with a slash is a path. Else, a name that ends in `.so` is the file of that name in the current folder if
  /// there is one; else `opamp`, `libopamp` and `libopamp.so` all mean `libopamp.so` (or `opamp.so`) in the first of
  /// `folders` that has it.
  /// - Throws: `PluginError.Code.notFound`, naming the folders searched.
  public func resolve(_ name: String) throws(PluginError) -> String {
    if name.isEmpty || name.utf8.contains(0) {
      throw PluginError(.notFound, path: name, detail: "the plugin's name is empty", hint: "give a file or a name")
    }
    if name.contains("/") {
      guard let path = Self.realPath(name) else {
        throw PluginError(
          .notFound, path: name, detail: String(cString: strerror(errno)), hint: "check the path given to --plugin")
      }
      return try Self.regular(path)
    }
    if name.hasSuffix(".so"), let path = Self.realPath("./" + name) { return try Self.regular(path) }
    let stem = name.hasSuffix(".so") ? String(name.dropLast(3)) : name
    let files = stem.hasPrefix("lib") ? [stem + ".so"] : ["lib" + stem + ".so", stem + ".so"]
    for folder in folders {
      for file in files {
        if let path = Self.realPath(folder + "/" + file) { return try Self.regular(path) }
      }
    }
    // What lies here was meant, unless it does not exist: a path says so without a doubt.
    let here = Self.realPath("./" + name) != nil ? name : files[0]
    throw PluginError(
      .notFound, path: name,
      detail: "no plugin of that name; looked for \(files.joined(separator: " or ")) in "
        + folders.joined(separator: ", "),
      hint: "give the file's path (./\(here) for the one in the current folder), or set DMO_PLUGIN_PATH")
  }

  /// A folder that was searched, and the names in it that may be plugins (`*.so`), sorted.
  public struct Searched: Equatable, Sendable {
    public var folder: String
    public var files: [String]
    /// Why the folder could not be read; empty when it was, or when there is no such folder.
    public var trouble: String
    /// Whether there is such a folder.
    public var exists: Bool
  }

  /// What lies in each of the folders, in their order. Links that lead nowhere are among the files.
  public func search() -> [Searched] {
    folders.map { folder in
      guard let handle = opendir(folder) else {
        let code = errno
        let isMissing = code == ENOENT || code == ENOTDIR
        return Searched(
          folder: folder, files: [], trouble: isMissing ? "" : String(cString: strerror(code)), exists: !isMissing)
      }
      defer { closedir(handle) }
      var names: [String] = []
      while let entry = readdir(handle) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasSuffix(".so"), !name.hasPrefix(".") { names.append(name) }
      }
      return Searched(folder: folder, files: names.sorted(), trouble: "", exists: true)
    }
  }

  /// The files that may be plugins, in the order of the folders, then by name; a folder that cannot be read has none.
  public func candidates() -> [String] {
    var seen: Set<String> = []
    return search().flatMap { place in place.files.compactMap { Self.realPath(place.folder + "/" + $0) } }
      .filter { seen.insert($0).inserted }
  }

  /// The absolute path without links, or nil with `errno` set.
  static func realPath(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  private static func regular(_ path: String) throws(PluginError) -> String {
    var info = stat()
    if stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG { return path }
    throw PluginError(.notALibrary, path: path, detail: "not a file", hint: "give the plugin's shared library, lib*.so")
  }
}
