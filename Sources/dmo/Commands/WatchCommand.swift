import ArgumentParser
import Dispatch
import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// `dmo watch`: the report as a live page.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "The report as a live page in the browser, while studies run.",
    discussion: """
      Serves one page on this machine alone (127.0.0.1), under an address that holds a random token, and adds evaluations \
      as they land. The studies are only read. Ctrl-C ends it.

        dmo watch opamp-spec-1.dmo
        dmo watch runs/ --port 8080
      """)

  @Argument(help: "The studies' files, or folders of them.")
  var studies: [String]
  @Option(help: "The port; default: one that is free.")
  var port: UInt16 = 0
  @Option(help: ArgumentHelp("How often the page asks for news: 2s, 1m.", valueName: "time"))
  var interval = "2s"
  @Option(help: ArgumentHelp("A plotly.min.js, or 'none' for tables alone; see docs/report.md.", valueName: "file"))
  var plotly: String?
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    let seconds = try Quantity.seconds(interval, option: "--interval")
    guard seconds >= 0.2 else { throw UserError("--interval \(interval): at least 0.2 s", hint: "write --interval 1s") }
    let library = try ReportSources.plotly(plotly)
    raiseFileLimit()
    let room = try WatchRoom(studies, interval: seconds, plotly: library)
    let outcome = Outcome()
    let finished = DispatchSemaphore(value: 0)
    let (port, isJSON) = (port, words.json)
    Task.detached {
      do { try await Self.serve(room, port: port, isJSON: isJSON) } catch { outcome.error.withLock { $0 = error } }
      finished.signal()
    }
    finished.wait()
    if let error = outcome.error.withLock({ $0 }) {
      throw UserError(
        "127.0.0.1:\(port): cannot be served: \(error.localizedDescription)", hint: "choose another --port",
        exit: Exit.failed)
    }
  }

  private final class Outcome: Sendable { let error = Mutex<(any Error)?>(nil) }

  /// Serves until the program ends. A server that a flood of connections brought down starts anew at the same address.
  private static func serve(_ room: WatchRoom, port: UInt16, isJSON: Bool) async throws {
    let token = ReportSources.secret()
    var port = port
    if port == 0 { port = try freePort() }
    var isFirst = true
    while true {
      let limit = ReceiveLimit()
      let server = HTTPServer(
        config: .init(
          address: try .inet(ip4: "127.0.0.1", port: port), timeout: 30, pool: GuardedPool(limit: limit), logger: .disabled),
        handler: WatchHandler(room: room, token: token, port: port, limit: limit))
      let running = Task { try await server.run() }
      if isFirst {
        do { try await server.waitUntilListening() } catch {
          running.cancel()
          try await running.value
          throw error
        }
        let address = "http://127.0.0.1:\(port)/\(token)/"
        Console.out(isJSON ? JSON.object([("type", .string("watch")), ("address", .string(address))]).text : address)
        isFirst = false
      }
      _ = try? await running.value
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// A port of this machine that nobody listens on now.
  private static func freePort() throws -> UInt16 {
    let socket = try Socket(domain: AF_INET)
    defer { try? socket.close() }
    try socket.bind(to: .inet(ip4: "127.0.0.1", port: 0))
    if case .ip4(_, let port) = try socket.sockname() { return port }
    return 0
  }

  /// As many connections as the system allows: those over the pool's capacity are ended, but after they were accepted.
  private func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
