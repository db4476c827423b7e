import DMOCore
import DMONumerics
import DMOSurrogates

/// Figure 2 a–e of arXiv 2501.19161: how near the Jacobian of a trained surrogate is to the problem's own, against the
/// number of neighbours K, on uniform and on clustered data.
public struct GradientErrorStudy: Sendable {
  public enum DataKind: String, Sendable, CaseIterable {
    /// A Latin hypercube of the whole box.
    case uniform
    /// Around centres spread over the box, as an optimisation leaves its points.
    case clustered
    /// The same two on the middle 1/π of each range, −1 … 1 rad for oscillators: as curved as what 200 points can tell.
    case centralUniform = "central-uniform"
    case centralClustered = "central-clustered"

    var isClustered: Bool { self == .clustered || self == .centralClustered }
    /// Part of each range that the design covers, around its middle.
    var share: Double { self == .uniform || self == .clustered ? 1 : 1 / .pi }
  }
  /// One sampling of data on which every method is trained.
  public struct Case: Sendable, Hashable {
    public let dimension: Int
    public let data: DataKind
    public let seed: UInt64
  }
  /// One method's figures on one case.
  public struct Row: Sendable, Equatable {
    public let item: Case
    /// `mae`, or `gradpie K=5`.
    public let method: String
    /// Mean over the test points of ‖J_g − J_f‖_F / ‖J_f‖_F, and of ⟨J_g, J_f⟩ / (‖J_g‖_F ‖J_f‖_F).
    public let relativeError, cosine: Double

    public var csv: String {
      "\(item.dimension),\(item.data.rawValue),\(item.seed),\(method),\(relativeError),\(cosine)"
    }

    public init?(csv line: Substring) {
      let cells = line.split(separator: ",")
      guard cells.count == 6, let n = Int(cells[0]), let data = DataKind(rawValue: String(cells[1])),
        let seed = UInt64(cells[2]), let error = Double(cells[4]), let cosine = Double(cells[5])
      else { return nil }
      self.init(Case(dimension: n, data: data, seed: seed), String(cells[3]), error, cosine)
    }

    init(_ item: Case, _ method: String, _ relativeError: Double, _ cosine: Double) {
      (self.item, self.method, self.relativeError, self.cosine) = (item, method, relativeError, cosine)
    }
  }
  public static let csvHeader = "n,data,seed,method,relative_error,cosine"

  public static let dimensions = [20, 64]
  public static let neighbours = [1, 3, 5, 10, 20]
  static let testPoints = 30
  static let centres = 20
  /// Of the clustered points around their centres, as a part of each range.
  static let spread = 0.02
  static let epochs = 400

  /// Points of data for a dimension.
  public static func rows(dimension n: Int) -> Int { n <= 20 ? 200 : 500 }

  public static func cases(
    seeds: [UInt64], dimensions: [Int] = dimensions, kinds: [DataKind] = DataKind.allCases
  ) -> [Case] {
    dimensions.flatMap { n in
      kinds.flatMap { data in seeds.map { Case(dimension: n, data: data, seed: $0) } }
    }
  }

  /// Trains every method on one sampling and compares Jacobians at fresh points of the same distribution.
  /// - Parameters:
  ///   - item: the dimension, the kind of data and the seed.
  ///   - space: `item.dimension` linear parameters.
  ///   - outputs: all that the problem answers.
  ///   - source: the problem's exact Jacobian.
  ///   - learnt: positions in y that the surrogate learns.
  /// - Throws: `SurrogateError`.
  public static func run(
    _ item: Case, space: ParameterSpace, outputs: OutputSpace, learnt: [Int], source: any ExactGradient
  ) throws -> [Row] {
    let n = space.dimension
    let count = rows(dimension: n)
    let points = sample(item, count: count + testPoints, n)
    var data = Dataset(inputCount: n, outputCount: learnt.count)
    for z in points.prefix(count) {
      guard let (y, _) = source.vjp(x: space.decode(z), ybar: Array(repeating: 0, count: outputs.dimension)) else {
        continue
      }
      data.append(z: z, y: learnt.map { y[$0] })
    }
    let tests = points.suffix(testPoints).map { z in (z: z, jacobian: jacobian(z, space, outputs, learnt, source)) }
    let methods = [("mae", "mae", [])] + neighbours.map { ("gradpie K=\($0)", "gradpie", ["k=\($0)"]) }
    return try methods.map { name, trainer, options in
      var trainer = try TrainerRegistry.make(
        id: trainer, options: ["hidden=256-256", "cold_epochs=\(epochs)"] + options,
        setup: TrainerSetup(seed: Seed(item.seed).derived("trainer")))
      let surrogate = try trainer.fit(data)
      let scores = tests.compactMap { z, exact -> (cosine: Double, relativeError: Double)? in
        let m = learnt.count
        var identity = [Double](repeating: 0, count: m * m)
        for i in 0..<m { identity[i * m + i] = 1 }
        let guess = surrogate.vjp(rows: m, z: (0..<m).flatMap { _ in z }, ybar: identity)
        return Vectors.compare(guess, with: exact)
      }
      return Row(
        item, name, Statistics.mean(scores.map(\.relativeError)), Statistics.mean(scores.map(\.cosine)))
    }
  }

  private static func sample(_ item: Case, count: Int, _ n: Int) -> [[Double]] {
    let seed = Seed(item.seed).derived("gradient-error-\(item.data.rawValue)", UInt64(n))
    func placed(_ z: Double) -> Double { 0.5 + (z - 0.5) * item.data.share }
    if !item.data.isClustered {
      // Data and test points from designs of their own: strata shared between them would tie the two.
      let train = LatinHypercube.points(count: rows(dimension: n), dimension: n, seed: seed)
      let test = LatinHypercube.points(count: testPoints, dimension: n, seed: seed.derived("test"))
      let all = train + test
      return (0..<count).map { all[$0 * n..<($0 + 1) * n].map(placed) }
    }
    let middle = LatinHypercube.points(count: centres, dimension: n, seed: seed)
    var stream = seed.derived("noise").generator
    return (0..<count).map { i in
      let c = i % centres
      return (0..<n).map { min(max(placed(middle[c * n + $0]) + spread * stream.normal(), 0), 1) }
    }
  }

  /// ∂y/∂z of the learnt outputs; row major, shape (learnt, n). NaN where the plugin gives no answer.
  private static func jacobian(
    _ z: [Double], _ space: ParameterSpace, _ outputs: OutputSpace, _ learnt: [Int], _ source: any ExactGradient
  ) -> [Double] {
    let x = space.decode(z)
    return learnt.flatMap { row -> [Double] in
      var ybar = [Double](repeating: 0, count: outputs.dimension)
      ybar[row] = 1
      guard let (_, xbar) = source.vjp(x: x, ybar: ybar) else { return Array(repeating: .nan, count: x.count) }
      return xbar.indices.map { i in xbar[i] * (space.parameter(at: i).max - space.parameter(at: i).min) }
    }
  }

  /// Markdown: relative error and cosine, mean ± sd over the seeds, and the paired difference to `mae`.
  public static func table(_ rows: [Row]) -> String {
    var lines: [String] = []
    for n in Set(rows.map(\.item.dimension)).sorted() {
      for data in DataKind.allCases {
        let here = rows.filter { $0.item.dimension == n && $0.item.data == data }
        guard !here.isEmpty else { continue }
        let seeds = Set(here.map(\.item.seed)).count
        lines += [
          "n = \(n), \(data.rawValue), \(Self.rows(dimension: n)) points, \(seeds) seeds", "",
          "| method | relative error | − mae [95 %] | cosine | − mae [95 %] |", "|---|---|---|---|---|",
        ]
        var names: [String] = []
        for row in here where !names.contains(row.method) { names.append(row.method) }
        let base = here.filter { $0.method == "mae" }.sorted { $0.item.seed < $1.item.seed }
        for name in names {
          let own = here.filter { $0.method == name }.sorted { $0.item.seed < $1.item.seed }
          let cells = [\Row.relativeError, \Row.cosine].flatMap { key -> [String] in
            let v = own.map { $0[keyPath: key] }
            let d = zip(own, base).map { $0[keyPath: key] - $1[keyPath: key] }
            let (low, high) = Statistics.interval(d)
            func t(_ x: Double) -> String { BenchText.number(x, digits: 3) }
            return [
              "\(t(Statistics.mean(v))) ± \(t(Statistics.deviation(v)))",
              name == "mae" ? "" : "\(t(Statistics.mean(d))) [\(t(low)), \(t(high))]",
            ]
          }
          lines.append("| \(name) | \(cells.joined(separator: " | ")) |")
        }
        lines.append("")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
