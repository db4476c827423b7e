import DMOCore

/// One run of a table: a method on one seed. It is one study file, so that an interrupted benchmark goes on where it stopped.
public struct BenchJob: Sendable, Equatable {
  public let task: PaperTask
  public let method: PaperMethod
  public let seed: UInt64
  /// Evaluations in all.
  public let queries: Int

  /// The study's file name within the benchmark's folder.
  public var fileName: String { "\(task.id)-\(method.id)-\(seed).dmo" }

  /// The plugin's options, those of the seed included.
  public var pluginOptions: [String: String] {
    var options = task.options
    if let key = task.seedOption { options[key] = "\(seed)" }
    return options
  }
}
