import ArgumentParser
import Foundation

/// ArgumentParser's own description of a command: what completions, manual pages and configuration files are made from.
struct CommandDump: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      /// `long` or `short`.
      var kind: String
      var name: String
    }
    /// `option`, `flag` or `positional`.
    var kind: String
    var shouldDisplay: Bool
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?
    var discussion: String?
  }
  var commandName: String
  var shouldDisplay: Bool
  var abstract: String?
  var discussion: String?
  var subcommands: [CommandDump]?
  var arguments: [Argument]?

  private struct Tool: Decodable { var command: CommandDump }

  /// - Throws: `DecodingError` when another ArgumentParser describes commands otherwise.
  static func of(_ command: (some ParsableCommand).Type) throws -> CommandDump {
    try JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)).command
  }
}
