import ArgumentParser

/// `dmo plugin …`
struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "List, describe, start and validate plugins.",
    subcommands: [List.self, Show.self, New.self, ValidateCommand.self])
}
