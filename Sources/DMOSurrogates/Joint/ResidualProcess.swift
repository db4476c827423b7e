import DMONumerics

/// What the networks leave over of one output at the answers they learnt from, interpolated by a Gaussian process: regression
/// kriging with the networks as trend (Hengl, Heuvelink & Rossiter, Comput. Geosci. 33 (2007)).
///
/// Network m then says dₘ(x) + μ + k(x)ᵀ K⁻¹ (y − μ − dₘ(X)): all pass through the answers but for the noise, and differ the more
/// the farther from them, as samples do by Matheron's rule. The correlation is Matérn-5/2; its lengthscales, one for each input,
/// and the noise are the most probable ones for what the networks' mean leaves over (`GPLikelihood`, `GPPriors`).
struct ResidualProcess: Sendable, Equatable {
  /// Which regression.
  let column: Int
  /// μ, in the networks' units.
  let mean: Float
  /// 1/ℓ in units of the standardised inputs; shape (inputs).
  let metric: [Float]
  /// The answers' standardised inputs over ℓ; shape (rows, inputs).
  let points: [Float]
  /// K⁻¹ (y − μ − dₘ(X)); shape (members)(rows).
  let weights: [[Float]]
  var rows: Int { points.count / metric.count }

  /// - Returns: nil for parts of no process.
  init?(column: Int, mean: Float, metric: [Float], points: [Float], weights: [[Float]]) {
    guard !metric.isEmpty, points.count % metric.count == 0,
      weights.allSatisfy({ $0.count == points.count / metric.count })
    else { return nil }
    (self.column, self.mean, self.metric, self.points, self.weights) = (column, mean, metric, points, weights)
  }
}

extension ResidualProcess {
  /// What is kept of an output between fits.
  struct State: Sendable, Equatable {
    var hyperparameters: GPHyperparameters?
    /// Answers in all at the last search for them; 0 for none.
    var searchedRows = 0
  }

  /// Below so many rows nothing can be told of residuals.
  static let fewest = 10
  /// More inputs than this share one lengthscale.
  private static let mostLengths = 64
  /// A search looks at the newest rows, so many at most, and is made again when there are as much more answers in all.
  private static let (searchedRows, growth, iterations) = (300, 1.1, 50)

  /// Brings what is known of an output up to date.
  /// - Parameters:
  ///   - state: changed where a search was due.
  ///   - networks: at the rows that are interpolated.
  /// - Returns: nil where there are too few answers, or nothing is left over. - Complexity: O(rows³ / 3)
  static func fit(_ state: inout State, _ networks: NetworkOutputs, column: Int) -> ResidualProcess? {
    let known = networks.rows.indices.filter { !networks.target($0, column).isNaN }
    guard known.count >= fewest, networks.inputs > 0 else { return nil }
    let all = networks.count(column)
    if state.hyperparameters == nil || Double(all) >= growth * Double(state.searchedRows) {
      let newest = known.sorted { networks.place($0) < networks.place($1) }.suffix(searchedRows)
      let rows = Rows(networks, newest.sorted(), column: column)
      guard rows.scale.deviation > 0 else { return nil }
      state.hyperparameters = rows.search(from: state.hyperparameters)
      state.searchedRows = all
    }
    return state.hyperparameters.flatMap { Rows(networks, known, column: column).process($0) }
  }

  /// Some answers to one output: inputs in the unit cube up to a shift, and what the networks' mean leaves over, standardised.
  private struct Rows {
    let column: Int
    let inputs: Int
    let x, y: [Double]
    let scale: GaussianProcess.Scale
    /// What each network goes off their mean; shape (members)(rows).
    let offsets: [[Double]]

    /// - Parameter places: among the networks' rows.
    init(_ networks: NetworkOutputs, _ places: [Int], column: Int) {
      (self.column, inputs) = (column, networks.inputs)
      x = places.flatMap { i in networks.input(i).map { Double($0) / MLPSurrogate.inputScale } }
      let values = networks.values.indices.map { m in places.map { Double(networks.value(m, $0, column)) } }
      let share = 1 / Double(values.count)
      let centre = places.indices.map { r in values.reduce(0) { $0 + share * $1[r] } }
      let targets = zip(places, centre).map { Double(networks.target($0, column)) - $1 }
      let scale = GaussianProcess.Scale(targets)
      self.scale = scale
      y = targets.map { scale.standardised($0) }
      offsets = values.map { zip($0, centre).map { $0 - $1 } }
    }

    func search(from known: GPHyperparameters?) -> GPHyperparameters {
      let likelihood = GPLikelihood(
        inputs: x, dimension: inputs, targets: y, correlation: .matern52, isIsotropic: inputs > mostLengths)
      let start = known ?? GPPriors.mode(dimension: inputs, correlation: .matern52)
      return likelihood.fit(from: start, iterations: iterations).hyperparameters
    }

    /// - Returns: nil when the covariance is not positive definite to rounding.
    func process(_ h: GPHyperparameters) -> ResidualProcess? {
      guard scale.deviation > 0, h.lengthscales.count == inputs, let factor = factor(h) else { return nil }
      let solved = solve(factor, [Array(repeating: 1, count: y.count), y] + offsets)
      let mean = solved[1].reduce(0, +) / solved[0].reduce(0, +)
      let alpha = zip(solved[1], solved[0]).map { scale.deviation * ($0 - mean * $1) }
      return ResidualProcess(
        column: column, mean: Float(scale.mean + scale.deviation * mean),
        metric: h.lengthscales.map { Float(1 / ($0 * MLPSurrogate.inputScale)) },
        points: x.indices.map { Float(x[$0] / h.lengthscales[$0 % inputs]) },
        weights: solved.dropFirst(2).map { zip(alpha, $0).map { Float($0 - $1) } })
    }

    private func factor(_ h: GPHyperparameters) -> DoubleBuffer? {
      let n = y.count
      // In buffers, whose alignment is always the same: LAPACK may round by it.
      let (scaled, matrix, slope) = (DoubleBuffer(count: x.count), DoubleBuffer(count: n * n), DoubleBuffer(count: n * n))
      for i in x.indices { scaled.base[i % inputs * n + i / inputs] = x[i] / h.lengthscales[i % inputs] }
      Correlation.distances(count: n, dimension: inputs, stride: n, xt: scaled.base, into: slope.base)
      h.correlation.matrix(
        count: n, factor: 1, diagonal: 1 + h.noise, squared: slope.base, k: matrix.base, slope: slope.base)
      return Cholesky.factor(matrix.base, count: n, stride: n) ? matrix : nil
    }

    /// K⁻¹ b for each b.
    private func solve(_ factor: DoubleBuffer, _ columns: [[Double]]) -> [[Double]] {
      let n = y.count
      let work = DoubleBuffer(count: n * columns.count)
      for (c, column) in columns.enumerated() { for r in 0..<n { work.base[c * n + r] = column[r] } }
      for isTransposed in [false, true] {
        Cholesky.solve(factor.base, count: n, stride: n, transposed: isTransposed, work.base, rows: columns.count)
      }
      return columns.indices.map { c in (0..<n).map { work.base[c * n + $0] } }
    }
  }
}

extension ResidualProcess {
  func save(_ w: inout SnapshotWriter) {
    w.put(column)
    for part in [[mean], metric, points] + weights { w.put(part) }
  }

  /// - Parameters: `members`, `inputs` and `outputs` of the networks.
  static func saved(_ r: inout SnapshotReader, members: Int, inputs: Int, outputs: Int) throws -> ResidualProcess {
    let column = try r.integer()
    let (mean, metric, points) = (try r.floats(), try r.floats(), try r.floats())
    let weights = try (0..<members).map { _ in try r.floats() }
    guard (0..<outputs).contains(column), mean.count == 1, metric.count == inputs,
      let result = ResidualProcess(column: column, mean: mean[0], metric: metric, points: points, weights: weights)
    else { throw r.damaged }
    return result
  }
}

extension ResidualProcess.State {
  func save(_ w: inout SnapshotWriter) {
    w.put(searchedRows)
    w.put(hyperparameters?.noise ?? .nan)
    w.put(hyperparameters?.lengthscales ?? [])
  }

  static func saved(_ r: inout SnapshotReader, inputs: Int) throws -> Self {
    var result = Self(searchedRows: try r.integer())
    let (noise, lengthscales) = (try r.double(), try r.doubles())
    if !noise.isNaN {
      guard lengthscales.count == inputs, lengthscales.allSatisfy({ $0 > 0 }) else { throw r.damaged }
      result.hyperparameters = GPHyperparameters(correlation: .matern52, lengthscales: lengthscales, noise: noise)
    }
    return result
  }
}
