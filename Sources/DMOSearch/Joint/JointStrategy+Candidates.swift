import DMOCore
import DMONumerics
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension JointStrategy {
  private static let gradientStarts = 24
  private static let localSamples = 80
  private static let anywhere = 24
  /// After how many gradient steps a path's points are candidates.
  private static let trace = [6, 15, 30]
  /// Share of a source's candidates whatever it brought.
  private static let leastShare = 0.4
  private static let sensitivityPoints = 64
  private static let derivativePoints = 512
  private static let perturbed = 20.0
  private static let localSD = 0.4

  /// Gradient steps grow with the pool up to so many times: each costs as much as many samples.
  private static let mostGradient = 4

  /// New points from all operators, with the surrogate's word on each.
  /// - Parameter scale: how many times as many as for a small batch.
  mutating func candidates(
    _ model: JointModel, _ frame: JointFrame, _ merit: FeasibilityMerit?, scale: Int
  ) -> [JointCandidate] {
    var random = seed.derived("round", round).generator
    let s = sensitivities(model)
    let sides = self.sides(s)
    let gradientStarts = Self.gradientStarts * min(scale, Self.mostGradient)
    let parents = elite(count: gradientStarts / 2, merit, &random)
    let population = evolve(model, merit, s, size: options.populationSize * scale, &random)
    var raw = population.map { ($0, "nsga2") }
    if options.hasGradientStep && !parents.isEmpty {
      let count = share("gradient", of: gradientStarts)
      var starts = parents
      let order = random.permutation(population.count)
      for i in order where starts.count < count { starts.append(population[i]) }
      raw += gradientSteps(model, frame, starts, sides, &random).map { ($0, "gradient") }
    }
    if !parents.isEmpty {
      raw += (0..<share("local", of: Self.localSamples * scale)).map { i in
        (sample(around: parents[i % parents.count], sides, &random), "local")
      }
    }
    raw += (0..<Self.anywhere * scale).map { _ in ((0..<genes.count).map { _ in random.uniform() }, "design") }
    return judged(raw, model)
  }

  /// Fewer candidates for sources that bring less than the best one.
  private func share(_ source: String, of count: Int) -> Int {
    let best = credit.values.max() ?? 0
    let part = best > 0 ? (credit[source] ?? best) / best : 1
    return max(1, Int((Double(count) * max(Self.leastShare, part)).rounded()))
  }

  /// Rounded, new, and each once.
  private func judged(_ raw: [([Double], String)], _ model: JointModel) -> [JointCandidate] {
    var own = PointSet()
    var (z, x, sources) = ([[Double]](), [[Double]](), [String]())
    for (point, source) in raw {
      let decoded = genes.decode(genes.reflected(point))
      if seen.contains(decoded) || !own.insert(decoded) { continue }
      x.append(decoded)
      z.append(genes.encode(decoded))
      sources.append(source)
    }
    let views = model.views(z)
    let neighbours = Neighbours(known.map(\.z))
    return z.indices.compactMap { i in
      guard views[i].mean.allSatisfy(\.isFinite), views[i].logFeasible.isFinite else { return nil }
      return JointCandidate(
        z: z[i], x: x[i], source: sources[i], view: views[i], novelty: neighbours.distance(to: z[i]))
    }
  }

  /// The best known points, the least crowded first, in random order among equals.
  /// - Parameter merit: says how much each constraint counts; nil: alike.
  private func elite(count: Int, _ merit: FeasibilityMerit?, _ random: inout RandomStream) -> [[Double]] {
    let usable = known.indices.filter { known[$0].violation.isFinite }.map { i in
      merit.map { Individual(z: known[i].z, losses: known[i].losses, violation: $0.violation(margins[i])) } ?? known[i]
    }
    let pool = usable.isEmpty ? known : usable
    let chosen = CrowdingSurvival().select(pool, count: 2 * count).filter { $0.rank == 0 || usable.isEmpty }
    let ranked = chosen.isEmpty ? CrowdingSurvival().select(pool, count: count) : chosen
    var points = ranked.map { pool[$0.index].z }
    // Few front points: the next ranks bring other places to start from.
    if points.count < count {
      points = CrowdingSurvival().select(pool, count: count).map { pool[$0.index].z }
    }
    let order = random.permutation(points.count)
    return order.prefix(count).map { points[$0] }
  }

  /// Relative sensitivities of each coordinate, the largest 1; nil where all are to be alike.
  private func sensitivities(_ model: JointModel) -> [Double]? {
    let seed = seed.derived("sensitivity", round)
    switch options.sensitivity {
    case .gradient: return slopes(model)
    case .fast: return model.fourierSensitivities(dimension: genes.count, seed: seed)
    case .dgsm: return model.derivativeSensitivities(dimension: genes.count, count: Self.derivativePoints, seed: seed)
    case .none: return nil
    }
  }

  /// Relative slopes of each coordinate over some known points and some anywhere.
  private func slopes(_ model: JointModel) -> [Double] {
    var random = seed.derived("sensitivity", round).generator
    let anywhere = (0..<Self.sensitivityPoints).map { _ in (0..<genes.count).map { _ in random.uniform() } }
    let points = elite(count: Self.sensitivityPoints / 4, nil, &random) + anywhere
    let losses = (0..<goals.objectives.count).map { j in spread(known.map { $0.losses[j] }) }
    return model.sensitivities(points, scales: losses + model.marginScale)
  }

  /// Half the trust region of each coordinate: wide where little happens; the volume is the length's alone.
  private func sides(_ s: [Double]?) -> [Double] {
    let half = region.length / 2
    guard let s else { return [Double](repeating: half, count: genes.count) }
    let shape = s.map { 1 / ($0 + 0.05).squareRoot() }
    let mean = exp(shape.reduce(0) { $0 + log($1) } / Double(shape.count))
    return shape.map { half * min(max($0 / mean, 0.3), 3) }
  }

  /// NSGA-II's last population on the surrogate, begun with the known points.
  private func evolve(
    _ model: JointModel, _ merit: FeasibilityMerit?, _ s: [Double]?, size: Int, _ random: inout RandomStream
  ) -> [[Double]] {
    let n = genes.count
    // A sensitive coordinate takes fine steps: distribution indices 1 to 21.
    let indices = s.map { $0.map { 1 + 20 * $0 } }
    let variation = Variation(
      space: genes, crossoverIndex: indices ?? [Double](repeating: 15, count: n),
      mutationIndex: indices ?? [Double](repeating: 20, count: n), crossoverProbability: 0.9, mutationProbability: 1,
      mutationRate: 1 / Double(n))
    var algorithm = GeneticAlgorithm(
      populationSize: size, survival: CrowdingSurvival(), variation: variation)
    let fresh = (0..<size).map { _ in (0..<n).map { _ in random.uniform() } }
    algorithm.start(with: individuals(elite(count: size, merit, &random) + fresh, model, merit), &random)
    while algorithm.generation < options.generations {
      let proposals = (0..<size).map { _ in algorithm.propose(&random) }
      for (proposal, answer) in zip(proposals, individuals(proposals.map(\.z), model, merit)) {
        algorithm.learn(answer, key: proposal.key, &random)
      }
    }
    return algorithm.population.map(\.z)
  }

  /// The surrogate's word as evolution ranks it: likely feasible points by their losses, others by how far they are
  /// off, and while none is known by what they are worth to find one.
  private func individuals(_ z: [[Double]], _ model: JointModel, _ merit: FeasibilityMerit?) -> [Individual] {
    let neighbours = Neighbours(merit == nil ? [] : known.map(\.z))
    let rounded = z.map { genes.encode(genes.decode(genes.reflected($0))) }
    let views = model.views(rounded)
    return z.indices.map { i in
      let view = views[i]
      let off =
        merit.map { 1 / $0(view, novelty: neighbours.distance(to: rounded[i])) }
        ?? (view.feasible >= 0.5 ? 0 : view.violation + 0.1 * -view.logFeasible)
      guard off.isFinite, view.mean.allSatisfy(\.isFinite) else {
        return Individual(z: z[i], losses: view.mean.map { _ in .infinity }, violation: .infinity)
      }
      return Individual(z: z[i], losses: view.mean, violation: off)
    }
  }

  private func gradientSteps(
    _ model: JointModel, _ frame: JointFrame, _ starts: [[Double]], _ sides: [Double], _ random: inout RandomStream
  ) -> [[Double]] {
    let m = goals.objectives.count
    let scope = frame.scope([])
    let gradient = UnifiedGradient(
      model: model, ideal: frame.ideal, range: frame.range, front: scope.front, reference: scope.reference,
      isFeasibilityFirst: frame.isFeasibilityFirst, isPeriodic: isPeriodic)
    let preferences = starts.map { _ -> [Double] in
      // Uniform on the simplex.
      let w = (0..<m).map { _ in -log(1 - random.uniform()) + 1e-6 }
      let total = w.reduce(0, +)
      return w.map { $0 / total }
    }
    return gradient.descend(starts, sides: sides, preferences: preferences, trace: Self.trace)
  }

  /// A known point with some coordinates moved, normally within the trust region; labels change like the rest by
  /// chance.
  private func sample(around z: [Double], _ sides: [Double], _ random: inout RandomStream) -> [Double] {
    let probability = min(Self.perturbed / Double(genes.count), 1)
    let scale = pow(2, -3 * random.uniform())
    return z.indices.map { k in
      guard random.uniform() < probability else { return z[k] }
      if case .labels(let count) = genes.genes[k].kind {
        return GeneSpace.coordinate(random.index(below: count), of: count)
      }
      return genes.reflected(z[k] + Self.localSD * scale * sides[k] * random.normal(), at: k)
    }
  }
}
