import ArgumentParser

/// `dmo plugin …`
struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "List, describe and start plugins.", subcommands: [List.self, Show.self, New.self])
}
