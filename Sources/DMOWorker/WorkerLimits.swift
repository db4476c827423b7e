/// What one worker process may use.
public struct WorkerLimits: Codable, Equatable, Sendable {
  /// Private memory, in bytes; nil: no limit.
  public var memoryBytes: Int?
  /// Processor time of one evaluation, in seconds, rounded up to whole ones; nil: no limit.
  public var cpuSeconds: Double?
  /// No network, and a file system that can only be read but for the worker's scratch folder.
  public var isSandboxed: Bool

  public init(memoryBytes: Int? = nil, cpuSeconds: Double? = nil, isSandboxed: Bool = false) {
    self.memoryBytes = memoryBytes
    self.cpuSeconds = cpuSeconds
    self.isSandboxed = isSandboxed
  }
}
