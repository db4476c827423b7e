import ArgumentParser

/// What every command understands about its words.
struct ConsoleOptions: ParsableArguments {
  @Option(help: "How progress is shown: auto (a live line on a terminal), plain (a line every 10 s) or none.")
  var style: Console.Style = .auto
  @Flag(name: .shortAndLong, help: "Only results and errors.")
  var quiet = false
  @Flag(name: .shortAndLong, help: "Also what the plugin logs and how workers fare.")
  var verbose = false
  @Flag(help: "Results as JSON lines on standard output, errors included.")
  var json = false

  var console: Console { Console(style: style, isQuiet: quiet, isVerbose: verbose, isJSON: json) }
}

extension Console.Style: ExpressibleByArgument {}
