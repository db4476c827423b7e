@_exported import CDMO

/// A problem of a plugin as a Swift type.
///
/// `init` declares the parameters and outputs and keeps the keys that it gets back; `evaluate` reads and writes through
/// them.
///
/// ```swift
/// import DMOPluginKit
/// import Glibc
///
/// struct ToyAmp: Simulator, ConcurrentSimulator {
///   static let about = About(id: "toy-amp", name: "Toy amplifier", traits: [.hiddenConstraints])
///   let width: Key<Double>, fingers: Key<Int>, power: OutputKey, gain: OutputKey
///
///   init(_ declare: inout Declaration, options: Options, host: Host) throws {
///     width = declare.real("width", in: 1e-6...1e-3, unit: "m", scale: .log)
///     fingers = declare.integer("fingers", in: 1...16)
///     power = declare.minimize("power", unit: "W")
///     gain = declare.atLeast(60, "gain", unit: "dB")
///   }
///
///   func evaluate(_ point: Evaluation) throws {
///     let total = point[width] * 1e5 * Double(point[fingers])
///     guard total <= 800 else { throw Infeasible("the transistor is wider than 8 mm") }
///     point[power] = total
///     point[gain] = 40 + 20 * log10(total)
///   }
/// }
///
/// let plugin = Plugin(id: "org.example.toy", name: "Toy", version: "1.0.0", problems: [Problem(ToyAmp.self)])
///
/// @c(dmo_plugin_v1)
/// public func entry(_ host: UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>? { plugin.export(host) }
/// ```
public protocol Simulator: Simulation {
  /// What the host is told before there is an instance.
  static var about: About { get }

  /// Declares parameters and outputs, which may depend on the options.
  ///
  /// - Throws: ``BadInput`` or ``Unsupported`` for options that do not go together; anything else is reported as a
  /// failure,
  ///   with its description as the message.
  init(_ declare: inout Declaration, options: Options, host: Host) throws
}
