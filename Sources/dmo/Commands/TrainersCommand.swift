import ArgumentParser
import DMOSearch
import DMOSurrogates

/// `dmo trainers`: what can learn, and its options.
struct TrainersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trainers", abstract: "The trainers with their options and defaults.",
    discussion: """
        dmo trainers
        dmo trainers gradpie
      """)

  @Argument(help: "Only this one.")
  var trainer: String?
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    let all = TrainerRegistry.all
    let chosen = all.filter { trainer == nil || $0.id == trainer }
    if let trainer, chosen.isEmpty {
      throw UserError("there is no trainer '\(trainer)'", hint: "choose one of: \(all.map(\.id).joined(separator: ", "))")
    }
    for (k, description) in chosen.enumerated() {
      if words.json {
        Console.out(Self.json(description).text)
      } else {
        if k > 0 { Console.out("") }
        Console.out(Self.text(description))
      }
    }
  }

  /// Strategies that it goes with, its own first.
  private static func strategies(_ trainer: String) -> [String] {
    let friends = StrategyRegistry.all.filter { $0.trainers.contains(trainer) }
    return (friends.filter { $0.defaultTrainer == trainer } + friends.filter { $0.defaultTrainer != trainer }).map(\.id)
  }

  private static func text(_ description: TrainerDescription) -> String {
    let options = description.options.map { [$0.key, $0.defaultText, $0.help] }
    return "\(description.id): \(description.summary)\n  with --search \(strategies(description.id).joined(separator: ", "))\n"
      + Text.table([["option", "default", ""]] + options)
  }

  private static func json(_ description: TrainerDescription) -> JSON {
    .object([
      ("type", .string("trainer")), ("id", .string(description.id)), ("summary", .string(description.summary)),
      ("strategies", .array(strategies(description.id).map { .string($0) })),
      (
        "options",
        .array(
          description.options.map {
            .object([("key", .string($0.key)), ("default", .string($0.defaultText)), ("help", .string($0.help))])
          })
      ),
    ])
  }
}
