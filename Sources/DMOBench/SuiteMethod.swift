import DMOSearch

/// A row of the suite: one of dmo's searches, or another program's.
public struct SuiteMethod: Sendable, Equatable {
  public let id: String
  public let search: String
  public let searchOptions: [String: String]
  public let trainer: String?
  public let trainerOptions: [String: String]
  /// What the peer script calls the method; nil for dmo's own.
  public let peer: String?
  /// Whether its decisions do not depend on the budget: one run is then read at every budget.
  public let isAnytime: Bool

  public init(
    id: String, search: String, searchOptions: [String: String] = [:], trainer: String? = nil,
    trainerOptions: [String: String] = [:], peer: String? = nil, isAnytime: Bool = false
  ) {
    self.id = id
    self.search = search
    self.searchOptions = searchOptions
    self.trainer = trainer
    self.trainerOptions = trainerOptions
    self.peer = peer
    self.isAnytime = isAnytime
  }

  /// The peers that the script knows, by the row's id.
  public static let peers = ["pymoo-nsga2": "nsga2", "pymoo-age-moea": "age-moea", "botorch": "qlognehvi"]

  /// `joint`, `nsga2`, `nsga2+mae`, `pymoo-nsga2`, …
  /// - Throws: `SearchError` for a search or a trainer that does not exist, or a pair that makes no sense.
  public static func named(
    _ id: String, searchOptions: [String: String] = [:], trainerOptions: [String: String] = [:]
  ) throws(SearchError) -> SuiteMethod {
    if let peer = peers[id] {
      // BoTorch is not told the budget: its batches are as large with every one.
      return SuiteMethod(id: id, search: id, peer: peer, isAnytime: peer == "qlognehvi")
    }
    let parts = id.split(separator: "+", maxSplits: 1).map(String.init)
    let pair = try StrategyRegistry.pair(search: parts.first ?? "", trainer: parts.count > 1 ? parts[1] : nil)
    return SuiteMethod(
      id: id, search: pair.search.id, searchOptions: searchOptions, trainer: pair.trainer,
      trainerOptions: pair.trainer == nil ? [:] : trainerOptions,
      isAnytime: ["joint", "random"].contains(pair.search.id))
  }
}
