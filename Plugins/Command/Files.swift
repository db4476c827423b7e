import DMOPluginKit
import Glibc

/// Files and folders of one evaluation.
enum Files {
  private static func reason() -> String { String(cString: strerror(errno)) }

  static func absolute(_ folder: String) throws -> String {
    if mkdir(folder, 0o755) != 0 && errno != EEXIST { throw BadInput("\(folder) cannot be made: \(reason())") }
    guard let path = realpath(folder, nil) else { throw BadInput("\(folder): \(reason())") }
    defer { free(path) }
    return String(cString: path)
  }

  static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o700) != 0 && errno != EEXIST { throw Failed("\(path) cannot be made: \(reason())") }
  }

  /// Removes a folder and all in it; what cannot be removed stays for the host, which empties its scratch folder.
  static func remove(_ path: String) {
    if let list = opendir(path) {
      while let entry = readdir(list) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let child = "\(path)/\(name)"
        if unlink(child) != 0 { remove(child) }
      }
      closedir(list)
    }
    rmdir(path)
  }

  static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failed("\(path) cannot be written: \(reason())") }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw Failed("\(path) cannot be written: \(reason())") }
  }

  /// - Parameter complaint: what to say when it cannot be opened.
  static func read(_ path: String, orElse complaint: String) throws -> String {
    guard let file = fopen(path, "r") else { throw Failed(complaint) }
    defer { fclose(file) }
    var all: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { break }
      all += block.prefix(count)
    }
    return String(decoding: all, as: UTF8.self)
  }
}

/// A command line as words.
enum CommandLineText {
  /// Blanks separate words; quotes of either kind keep them together. There is no shell: nothing else is special.
  static func words(_ text: String) throws -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for c in text {
      if let open = quote {
        if c == open { quote = nil } else { word?.append(c) }
      } else if c == "\"" || c == "'" {
        quote = c
        word = word ?? ""
      } else if c.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(c)
      }
    }
    if let word { words.append(word) }
    guard quote == nil, !words.isEmpty, words[0] != "" else { throw BadInput("run=\(text): is no command") }
    return words
  }
}

/// A text with places for parameters: `{{width}}`.
struct Template: Sendable {
  private let text: String
  private let name: String

  /// - Throws: ``BadInput`` for a file that cannot be read or that names no parameter, or another one.
  init(path: String, labels: Set<String>) throws {
    do { text = try Files.read(path, orElse: "template \(path) cannot be read") } catch let error as Failed {
      throw BadInput(error.reason)
    }
    let last = path.split(separator: "/").last.map(String.init) ?? path
    name = last.hasSuffix(".template") ? String(last.dropLast(9)) : last
    let named = Self.names(text)
    if let unknown = named.first(where: { !labels.contains($0) }) {
      throw BadInput("template \(path): there is no parameter '\(unknown)'")
    }
    if named.isEmpty {
      throw BadInput("template \(path): names no parameter; write {{\(labels.sorted().first ?? "x")}}")
    }
  }

  private static func names(_ text: String) -> [String] {
    text.components(between: "{{", and: "}}").map { $0.filter { !$0.isWhitespace } }
  }

  func write(into folder: String, _ values: some Sequence<(String, String)>) throws {
    var byName: [String: String] = [:]
    for (name, value) in values { byName[name] = value }
    try Files.write(
      text.replacing(from: "{{", to: "}}") { byName[$0.filter { !$0.isWhitespace }] ?? "" }, to: "\(folder)/\(name)")
  }
}

extension String {
  /// What stands between each pair of marks.
  fileprivate func components(between open: String, and close: String) -> [String] {
    var found: [String] = []
    _ = replacing(from: open, to: close) {
      found.append($0)
      return ""
    }
    return found
  }

  /// Replaces each text between two marks, marks included.
  fileprivate func replacing(from open: String, to close: String, _ body: (String) -> String) -> String {
    var result = ""
    var rest = self[...]
    while let start = rest.firstRange(of: open), let end = rest[start.upperBound...].firstRange(of: close) {
      result += rest[..<start.lowerBound]
      result += body(String(rest[start.upperBound..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return result + rest
  }
}
