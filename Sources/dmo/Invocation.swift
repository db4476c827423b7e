import Foundation

/// What the program was asked to do, with the flags of a configuration file in their places.
enum Invocation {
  /// The arguments after the program's name. A configuration file is read when they are first asked for.
  static let arguments = Result { try ConfigFile.expand(Array(CommandLine.arguments.dropFirst())) }

  /// The flags of the command that makes a study, for its record: without the command's name.
  static var current: [String] { Array(((try? arguments.get()) ?? []).dropFirst()) }
}
