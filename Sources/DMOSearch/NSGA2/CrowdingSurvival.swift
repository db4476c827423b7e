/// NSGA-II's selection: by rank, then by crowding distance (Deb, Pratap, Agarwal & Meyarivan, IEEE TEVC 6 (2002) 182–197).
struct CrowdingSurvival: Survival {
  /// - Complexity: that of the non-dominated sort.
  func select(_ pool: [Individual], count: Int) -> [Survivor] {
    var chosen: [Survivor] = []
    chosen.reserveCapacity(count)
    for (rank, members) in Fronts(pool).members.enumerated() where chosen.count < count {
      let distances = Fronts.crowding(members.map { pool[$0].losses })
      var front = members.indices.map { Survivor(index: members[$0], rank: rank, score: distances[$0]) }
      if chosen.count + front.count > count {
        front.sort { $0.score == $1.score ? $0.index < $1.index : $0.score > $1.score }
        front.removeLast(chosen.count + front.count - count)
      }
      chosen += front
    }
    return chosen
  }
}
