import DMOCore

/// What comes before a strategy's own first points: points that the user gives, and a search for feasible ones.
public struct InitialPlan: Codable, Equatable, Sendable {
  /// A point from a file.
  public struct Given: Codable, Equatable, Sendable {
    /// Canonical values; shape (space.dimension).
    public var x: [Double]
    /// How it ended when it was simulated before; nil: it is simulated first.
    public var status: EvaluationStatus?
    /// The outputs known then; nil where there is none. Shape (outputs.dimension).
    public var y: [Double?]
    public init(x: [Double], status: EvaluationStatus? = nil, y: [Double?] = []) {
      self.x = x
      self.status = status
      self.y = y
    }
  }
  public var given: [Given]
  /// Space-filling points are added until so many feasible ones are known; nil: the strategy's own design decides.
  public var feasible: Int?
  /// Evaluations that may be spent on finding them.
  public var limit: Int

  public init(given: [Given] = [], feasible: Int? = nil, limit: Int = 0) {
    self.given = given
    self.feasible = feasible
    self.limit = limit
  }
}
