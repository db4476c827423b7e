/// How freely a problem may be called.
public enum ThreadSafety: UInt32, Sendable, Codable {
  /// One call at a time in the process, always from the same thread.
  case process = 0
  /// Different instances may run at the same time.
  case instance = 1
  /// Also calls on one instance.
  case free = 2
}

/// What a problem declares of itself; the raw bits are those of `dmo.h`.
public struct ProblemFlags: OptionSet, Sendable, Codable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// y depends on the seed.
  public static let stochastic = Self(rawValue: 1 << 0)
  /// Usually above 1 s.
  public static let expensive = Self(rawValue: 1 << 1)
  /// May answer INFEASIBLE.
  public static let hiddenConstraints = Self(rawValue: 1 << 2)
  /// At most one instance in the life of a process.
  public static let oneInstance = Self(rawValue: 1 << 3)
}

/// A setting of a problem, given as text once, when an instance is made.
public struct ProblemOption: Equatable, Sendable, Codable {
  public enum Kind: String, Sendable, Codable { case bool, int, real, string, choice, path }
  public var key: String
  public var kind: Kind
  public var isRequired: Bool
  public var help: String
  public var unit: String
  /// Nil: unset unless the user gives it.
  public var defaultText: String?
  /// Inclusive limits of int and real options; nil: none.
  public var limits: ClosedRange<Double>?
  public var choices: [String]

  public init(
    key: String, kind: Kind, isRequired: Bool = false, help: String = "", unit: String = "",
    defaultText: String? = nil, limits: ClosedRange<Double>? = nil, choices: [String] = []
  ) {
    self.key = key
    self.kind = kind
    self.isRequired = isRequired
    self.help = help
    self.unit = unit
    self.defaultText = defaultText
    self.limits = limits
    self.choices = choices
  }

  /// Why `text` is no value of this option, in words, or nil.
  public func objection(to text: String) -> String? {
    switch kind {
    case .string, .path: return nil
    case .bool:
      return ["true", "false", "1", "0"].contains(text) ? nil : "\(key)=\(text): write true or false"
    case .choice:
      return choices.contains(text) ? nil : "\(key)=\(text): choose one of \(choices.joined(separator: ", "))"
    case .int, .real:
      guard let value = kind == .int ? Int64(text).map(Double.init) : Double(text), value.isFinite else {
        return "\(key)=\(text): not \(kind == .int ? "a whole number" : "a number")"
      }
      if let limits, !limits.contains(value) {
        return "\(key)=\(text): outside \(limits.lowerBound) … \(limits.upperBound)\(unit.isEmpty ? "" : " " + unit)"
      }
      return nil
    }
  }
}

/// The optional abilities of a problem.
public struct ProblemExtensions: OptionSet, Sendable, Codable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public static let vjp = Self(rawValue: 1 << 0)
  public static let jvp = Self(rawValue: 1 << 1)
  public static let batch = Self(rawValue: 1 << 2)
  public static let compose = Self(rawValue: 1 << 3)
  public static let composeVJP = Self(rawValue: 1 << 4)
  public static let fidelity = Self(rawValue: 1 << 5)
  public static let reference = Self(rawValue: 1 << 6)
  public static let artifacts = Self(rawValue: 1 << 7)
  public static let mpi = Self(rawValue: 1 << 8)

  /// The ids of `dmo.h`, for people.
  public var names: [String] {
    let all: [(Self, String)] = [
      (.vjp, "dmo.gradient/1"), (.batch, "dmo.batch/1"), (.compose, "dmo.composite/1"),
      (.fidelity, "dmo.fidelity/1"), (.reference, "dmo.reference/1"), (.artifacts, "dmo.artifact/1"),
      (.mpi, "dmo.mpi/1"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}

/// One accuracy at which a problem can be evaluated.
public struct FidelityLevel: Equatable, Sendable, Codable {
  public var id: String
  public var summary: String
  /// Against level 0, the reference, whose cost is 1.
  public var relativeCost: Double

  public init(id: String, summary: String = "", relativeCost: Double = 1) {
    self.id = id
    self.summary = summary
    self.relativeCost = relativeCost
  }
}

/// What is known of a problem before an instance exists: its table entry.
public struct ProblemInfo: Equatable, Sendable, Codable {
  public var id: String
  public var name: String
  public var summary: String
  public var threads: ThreadSafety
  public var flags: ProblemFlags
  public var options: [ProblemOption]
  public var extensions: ProblemExtensions
  /// Nil when the options change it, so that only an instance can tell.
  public var spec: ProblemSpec?
  /// Level 0 is the reference; empty: there is only that one.
  public var fidelities: [FidelityLevel]

  public init(
    id: String, name: String, summary: String, threads: ThreadSafety, flags: ProblemFlags, options: [ProblemOption],
    extensions: ProblemExtensions, spec: ProblemSpec?, fidelities: [FidelityLevel] = []
  ) {
    self.id = id
    self.name = name
    self.summary = summary
    self.threads = threads
    self.flags = flags
    self.options = options
    self.extensions = extensions
    self.spec = spec
    self.fidelities = fidelities
  }
}

/// What an instance takes and answers.
public struct ProblemSpec: Equatable, Sendable, Codable {
  public var space: ParameterSpace
  public var outputs: OutputSpace

  public init(space: ParameterSpace, outputs: OutputSpace) {
    self.space = space
    self.outputs = outputs
  }
}

/// A plugin as its tables describe it.
public struct PluginInfo: Equatable, Sendable, Codable {
  public var id: String
  public var name: String
  public var version: String
  public var vendor: String
  public var license: String
  public var url: String
  public var abiMinor: UInt32
  public var problems: [ProblemInfo]

  public init(
    id: String, name: String, version: String, vendor: String, license: String, url: String, abiMinor: UInt32,
    problems: [ProblemInfo]
  ) {
    self.id = id
    self.name = name
    self.version = version
    self.vendor = vendor
    self.license = license
    self.url = url
    self.abiMinor = abiMinor
    self.problems = problems
  }
}
