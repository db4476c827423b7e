import CDMOHost
import DMOCore
import DMOHost
import Foundation

/// One check at work, in a process of its own: opens the plugin when first asked, and notes what it is about to do.
final class CheckRun {
  let request: CheckRequest
  /// Asks the call in progress to stop.
  let cancelFlag: UnsafeMutablePointer<UInt8>
  private let crumb: UnsafeMutableRawPointer
  private let start = CheckRun.now
  private var opened: PluginLibrary?
  private var made: PluginInstance?
  private var madeProbe: EvaluationProbe?
  /// The names of the parameters' numbers, as the last instance has them.
  private(set) var labels: [String] = []

  /// - Parameter crumb: `Breadcrumb.bytes` bytes.
  init(_ request: CheckRequest, crumb: UnsafeMutableRawPointer) {
    self.request = request
    self.crumb = crumb
    cancelFlag = .allocate(capacity: 1)
    cancelFlag.initialize(to: 0)
  }

  deinit { cancelFlag.deallocate() }

  static var now: Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  /// Whether a check that repeats itself may go on.
  var hasTime: Bool { Self.now - start < request.budget }

  /// Leaves word of what comes next, in case the process does not survive it.
  func note(_ text: String) {
    let bytes = Array(text.utf8.prefix(Breadcrumb.bytes - 2))
    crumb.storeBytes(of: UInt16(bytes.count), as: UInt16.self)
    bytes.withUnsafeBytes { if let base = $0.baseAddress { memcpy(crumb + 2, base, bytes.count) } }
  }

  // MARK: - The plugin

  var host: HostSettings { HostSettings(scratchFolder: request.scratch + "/files", threads: 1) }

  func library() throws -> PluginLibrary {
    if let opened { return opened }
    note("loading the plugin")
    let library = try PluginLibrary(path: request.path, host: host)
    opened = library
    note("")
    return library
  }

  /// The problem's table entry.
  func problem() throws -> ProblemInfo {
    let info = try library().info
    return info.problems[try info.index(ofProblem: request.problem, path: request.path)]
  }

  /// A new instance. - Parameter changes: option texts beside those of the request.
  func makeInstance(_ changes: [String: String] = [:], group: RankGroup? = nil) throws -> PluginInstance {
    let library = try library()
    let options = request.options.merging(changes) { $1 }
    var host = host
    host.group = group
    note(options.isEmpty ? "create()" : "create() with " + Self.words(options))
    let instance = try PluginInstance(
      library, problem: request.problem, options: options, host: host, cancelFlag: UnsafePointer(cancelFlag))
    labels = instance.spec.space.labels
    note("")
    return instance
  }

  /// The instance that most checks use.
  func instance() throws -> PluginInstance {
    if let made { return made }
    let instance = try makeInstance()
    made = instance
    return instance
  }

  func probe() throws -> EvaluationProbe {
    if let madeProbe { return madeProbe }
    let probe = EvaluationProbe(try instance())
    madeProbe = probe
    return probe
  }

  /// Destroys what was made.
  func close() {
    madeProbe = nil
    if made != nil { note("destroy()") }
    made = nil
    note("")
  }

  /// How the note of an evaluation begins that options may have made as slow as they like.
  static let trying = "evaluating the mid point with "

  static func words(_ options: [String: String]) -> String {
    options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  var isOneInstance: Bool { get throws { try problem().flags.contains(.oneInstance) } }
}
