import Foundation

/// Where the program's words go: results to standard output, all else to standard error.
///
/// Only the main thread writes.
struct Console {
  enum Style: String, CaseIterable {
    /// A live line and colours on a terminal, plain lines elsewhere.
    case auto
    case plain
    /// No progress at all.
    case none
  }
  var isQuiet: Bool
  var isVerbose: Bool
  var isJSON: Bool
  /// Whether progress is one line that is redrawn.
  let isLive: Bool
  let hasProgress: Bool
  let hasColour: Bool
  private var liveWidth = 0

  init(style: Style, isQuiet: Bool, isVerbose: Bool, isJSON: Bool) {
    self.isQuiet = isQuiet
    self.isVerbose = isVerbose
    self.isJSON = isJSON
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    isLive = style == .auto && isTerminal && !isJSON && !isQuiet
    hasProgress = style != .none && !isQuiet
    hasColour = style == .auto && isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// A result, to standard output.
  static func out(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Words for people, to standard error.
  mutating func note(_ text: String) {
    guard !isQuiet else { return }
    clearLive()
    Self.write(text + "\n", to: STDERR_FILENO)
  }

  mutating func detail(_ text: String) { if isVerbose { note(text) } }

  /// A warning: shown even when quiet.
  mutating func warn(_ text: String) {
    clearLive()
    Self.write(coloured("warning:", 33) + " " + text + "\n", to: STDERR_FILENO)
  }

  /// An error with its next step; one JSON line on standard output when results are JSON.
  mutating func fail(_ error: UserError) {
    clearLive()
    if isJSON {
      Self.out(
        JSON.object([
          ("type", .string("error")), ("message", .string(error.message)), ("hint", .string(error.hint)),
          ("exit", .integer(Int(error.exit))),
        ]).text)
    }
    var text = coloured("error:", 31) + " " + error.message + "\n"
    if !error.hint.isEmpty { text += coloured("hint:", 36) + " " + error.hint + "\n" }
    Self.write(text, to: STDERR_FILENO)
  }

  /// Columns of the terminal behind standard error; 80 where it does not tell.
  static var width: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Whether the terminal shows more than ASCII, by the locale that the user set.
  static var isUnicode: Bool {
    let environment = ProcessInfo.processInfo.environment
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    return locale.uppercased().replacing("-", with: "").contains("UTF8")
  }

  /// Redraws the live line, cut to the terminal's width.
  mutating func live(_ text: String) {
    let line = String(text.prefix(Self.width - 1))
    Self.write("\r" + line + "\u{1B}[K", to: STDERR_FILENO)
    liveWidth = line.count
  }

  mutating func clearLive() {
    if liveWidth > 0 { Self.write("\r\u{1B}[K", to: STDERR_FILENO) }
    liveWidth = 0
  }

  private func coloured(_ text: String, _ colour: Int) -> String {
    hasColour ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
  }

  /// Writes all of the text; a reader that went away (`| head`) is no error.
  static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let n = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { return }
      bytes = bytes.dropFirst(n)
    }
  }
}
