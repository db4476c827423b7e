#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The probability behind a classifier's logit: σ(a · logit + b), fitted to held-out logits.
///
/// Platt (1999) with his smoothed targets, by Newton's method; a Gaussian prior around what the class weights imply
/// (a = 1, b = −log of their ratio) keeps a few held-out rows from claiming certainty.
struct PlattScaling: Sendable, Equatable {
  var a = 1.0
  var b = 0.0

  /// A slope below this would turn a useless classifier's ranking round.
  private static let smallestSlope = 0.05
  /// Inverse variances of the prior.
  private static let precision = (a: 2.0, b: 0.5)
  private static let steps = 30

  init(a: Double, b: Double) {
    self.a = a
    self.b = b
  }

  /// - Parameter offset: the b that undoes the class weights. - Complexity: O(logits)
  init(logits: [Double], labels: [Bool], offset: Double) {
    b = offset
    let yes = labels.filter { $0 }.count
    guard yes > 0, yes < labels.count else { return }
    let high = (Double(yes) + 1) / (Double(yes) + 2)
    let low = 1 / (Double(labels.count - yes) + 2)
    for _ in 0..<Self.steps {
      var (ga, gb) = (Self.precision.a * (a - 1), Self.precision.b * (b - offset))
      var (haa, hab, hbb) = (Self.precision.a, 0.0, Self.precision.b)
      for (x, label) in zip(logits, labels) {
        let p = Self.logistic(a * x + b)
        let error = p - (label ? high : low)
        let w = p * (1 - p)
        ga += error * x
        gb += error
        haa += w * x * x
        hab += w * x
        hbb += w
      }
      let det = haa * hbb - hab * hab
      let (da, db) = ((hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det)
      // A damped step: Newton overshoots where all probabilities are saturated.
      let damping = min(1, 2 / max(abs(da), abs(db), 1e-300))
      a -= damping * da
      b -= damping * db
      if max(abs(da), abs(db)) < 1e-9 { break }
    }
    if !a.isFinite || !b.isFinite { (a, b) = (1, offset) }
    a = max(a, Self.smallestSlope)
  }

  static func logistic(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

  func probability(_ logit: Double) -> Double { Self.logistic(a * logit + b) }
}
