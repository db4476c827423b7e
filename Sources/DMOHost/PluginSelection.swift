/// Which problem of which plugin, with which options.
public struct PluginSelection: Equatable, Sendable, Codable {
  /// The plugin's file, as `PluginFinder.resolve` gives it.
  public var path: String
  /// The problem's id; nil: the plugin's first.
  public var problem: String?
  /// Option texts by key; those not named keep their defaults.
  public var options: [String: String]

  public init(path: String, problem: String? = nil, options: [String: String] = [:]) {
    self.path = path
    self.problem = problem
    self.options = options
  }
}
