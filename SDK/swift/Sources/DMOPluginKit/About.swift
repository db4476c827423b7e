/// What a problem says of itself before there is an instance.
public struct About: Sendable {
  /// Which calls may run at the same time; a ``ConcurrentSimulator`` is free of both limits.
  public enum Threads: Sendable {
    /// One call at a time in the process, always from the same thread: for a library with global state.
    case process
    /// Different instances may run at the same time.
    case instance
  }

  /// Properties that the host plans with.
  public struct Traits: OptionSet, Sendable {
    /// The bits of `dmo_problem.flags`.
    public let rawValue: UInt32
    /// Traits with the given bits of `dmo_problem.flags`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The outputs depend on the seed.
    public static let stochastic = Traits(rawValue: UInt32(DMO_STOCHASTIC))
    /// Usually above one second; polls `isCancelled` at least each second.
    public static let expensive = Traits(rawValue: UInt32(DMO_EXPENSIVE))
    /// May throw ``Infeasible``.
    public static let hiddenConstraints = Traits(rawValue: UInt32(DMO_HIDDEN_CONSTRAINTS))
    /// At most one instance in the life of a process.
    public static let oneInstance = Traits(rawValue: UInt32(DMO_ONE_INSTANCE))
  }

  /// `[a-z][a-z0-9_-]*`, unique in the plugin.
  public var id: String
  /// For people.
  public var name: String
  /// One line for people.
  public var summary: String?
  /// See ``Threads-swift.enum``.
  public var threads: Threads
  /// See ``Traits-swift.struct``.
  public var traits: Traits
  /// What the user may set, once, when the instance is made.
  public var options: [Option]

  /// - Parameters:
  ///   - id: `[a-z][a-z0-9_-]*`, unique in the plugin.
  ///   - name: for people, such as "Two-stage op-amp".
  ///   - summary: one or two sentences on what is simulated.
  ///   - threads: what the host may call at the same time.
  ///   - traits: properties that the host plans with, such as hidden constraints.
  ///   - options: settings that the user makes before parameters and outputs are declared.
  public init(
    id: String, name: String, summary: String? = nil, threads: Threads = .instance, traits: Traits = [],
    options: [Option] = []
  ) {
    (self.id, self.name, self.summary) = (id, name, summary)
    (self.threads, self.traits, self.options) = (threads, traits, options)
  }
}
