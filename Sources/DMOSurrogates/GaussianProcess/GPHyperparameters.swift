import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What shapes a Gaussian process over the unit cube, with targets standardised to mean 0 and variance 1.
public struct GPHyperparameters: Sendable, Equatable {
  public var correlation: Correlation
  /// ℓ, in unit-cube units; shape (inputCount).
  public var lengthscales: [Double]
  /// σ², the variance of the noise in standardised targets; the signal's variance is 1.
  public var noise: Double

  public init(correlation: Correlation, lengthscales: [Double], noise: Double) {
    self.correlation = correlation
    self.lengthscales = lengthscales
    self.noise = noise
  }
}

/// The log-normal priors of lengthscales and noise: those of Hvarfner, Hellsten & Nardi (ICML 2024, arXiv 2402.02229) with
/// the constants of BoTorch 0.18's `SingleTaskGP`.
///
/// log ℓ ~ N(√2 + ½ log n, 3) with ℓ ≥ 0.025; log σ² ~ N(−4, 1) with σ² ≥ 1e-4. The densities are those of ℓ and σ²
/// themselves, so that the most probable values do not depend on the logarithms that the search moves in.
public enum GPPriors {
  static let smallestLengthscale = 0.025
  static let smallestNoise = 1e-4
  static let lengthscaleVariance = 3.0
  static let noiseLocation = -4.0
  static let noiseVariance = 1.0

  static func lengthscaleLocation(dimension: Int) -> Double {
    2.0.squareRoot() + 0.5 * log(Double(max(dimension, 1)))
  }

  /// The most probable values a priori, where a search starts.
  public static func mode(dimension: Int, correlation: Correlation) -> GPHyperparameters {
    let length = exp(lengthscaleLocation(dimension: dimension) - lengthscaleVariance)
    return GPHyperparameters(
      correlation: correlation, lengthscales: [Double](repeating: length, count: dimension),
      noise: exp(noiseLocation - noiseVariance))
  }

  /// The log density at v = exp(logarithm) and its derivative with respect to the logarithm.
  static func logNormal(_ logarithm: Double, location: Double, variance: Double) -> (value: Double, slope: Double) {
    let d = logarithm - location
    return (
      -d * d / (2 * variance) - logarithm - 0.5 * log(2 * .pi * variance), -d / variance - 1
    )
  }
}
