import DMOCore
import DMONumerics
import Foundation
import Testing

@Suite("Fused kernels")
struct KernelTests {
  private func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
  private func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

  /// gelu and its slope for a row of numbers, with zero bias.
  private func gelu(_ x: [Float]) -> (value: [Float], slope: [Float]) {
    var z = x
    var a = x
    Kernels.biasGELU(rows: 1, columns: x.count, z: &z, bias: [Float](repeating: 0, count: x.count), a: &a)
    return (a, z)
  }

  @Test("gelu is x Phi(x) and its slope Phi(x) + x phi(x), Phi to 1e-7")
  func accuracy() {
    // Beyond the fit's range of 6 as well.
    let x = (-120_000...120_000).map { Float($0) * 1e-4 }
    let (a, s) = gelu(x)
    var worst = (cdf: 0.0, slope: 0.0)
    for (i, v) in x.enumerated() {
      let t = Double(v)
      // Phi is seen through gelu, whose own last rounding, half a unit in the last place, is allowed for.
      let rounding = Double(a[i].ulp) / 2
      if v != 0 { worst.cdf = max(worst.cdf, (abs(Double(a[i]) - t * normalCDF(t)) - rounding) / abs(t)) }
      worst.slope = max(worst.slope, abs(Double(s[i]) - normalCDF(t) - t * density(t)))
    }
    print("largest error of Phi \(worst.cdf), of gelu' \(worst.slope)")
    #expect(worst.cdf < 1e-7)
    #expect(worst.slope < 2e-7)  // two terms, each rounded
  }

  @Test("gelu at the ends of the number line")
  func extremes() {
    let x: [Float] = [0, -0, 30, -30, 1e30, -1e30, .greatestFiniteMagnitude, .nan, 1e-30, -1e-30, .leastNormalMagnitude]
    let (a, s) = gelu(x)
    #expect(a[0] == 0 && a[1] == 0 && s[0] == 0.5)
    #expect(a[2] == 30 && s[2] == 1 && a[4] == 1e30 && a[6] == .greatestFiniteMagnitude)
    #expect(abs(a[3]) < 1e-30 && abs(a[5]) < 1 && s[5].isFinite)
    #expect(a[7].isNaN && s[7].isNaN)
    #expect(abs(a[8] - 0.5e-30) < 1e-36 && abs(a[9] + 0.5e-30) < 1e-36)
  }

  /// Widths below, at and above the sixteen lanes, and above the block of rows.
  static let widths = [1, 3, 16, 17, 20, 100, 256, 2500]

  @Test("LayerNorm with gelu agrees with double precision, forward and backward", arguments: widths)
  func layerNorm(_ n: Int) {
    var random = Seed(UInt64(n)).generator
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    let rows = 23
    let z0 = numbers(rows * n)
    let (bias, gain, shift, up) = (numbers(n), numbers(n), numbers(n), numbers(rows * n))
    var (z, a, slope, inverse) = (z0, z0, z0, [Float](repeating: 0, count: rows))
    Kernels.biasNormGELU(
      rows: rows, columns: n, z: &z, bias: bias, gain: gain, shift: shift, a: &a, slope: &slope, inverseSD: &inverse)
    var (g, gb, gg, gs) = (up, gain, gain, gain)
    Kernels.biasNormGELUBackward(
      rows: rows, columns: n, g: &g, slope: slope, zhat: z, inverseSD: inverse, gain: gain, biasGradient: &gb,
      gainGradient: &gg, shiftGradient: &gs)

    var (worstA, worstG) = (0.0, 0.0)
    var sums = [[Double]](repeating: [Double](repeating: 0, count: n), count: 3)
    for r in 0..<rows {
      let u = (0..<n).map { Double(z0[r * n + $0]) + Double(bias[$0]) }
      let mean = u.reduce(0, +) / Double(n)
      let inv = 1 / (u.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n) + 1e-5).squareRoot()
      let h = u.map { ($0 - mean) * inv }
      let v = (0..<n).map { h[$0] * Double(gain[$0]) + Double(shift[$0]) }
      let dv = (0..<n).map { Double(up[r * n + $0]) * (normalCDF(v[$0]) + v[$0] * density(v[$0])) }
      let dh = (0..<n).map { dv[$0] * Double(gain[$0]) }
      let m = dh.reduce(0, +) / Double(n)
      let dot = (0..<n).reduce(0) { $0 + dh[$1] * h[$1] } / Double(n)
      for j in 0..<n {
        let dz = inv * (dh[j] - m - h[j] * dot)
        worstA = max(worstA, abs(Double(a[r * n + j]) - v[j] * normalCDF(v[j])))
        worstG = max(worstG, abs(Double(g[r * n + j]) - dz) / max(1, inv))
        sums[0][j] += dz
        sums[1][j] += dv[j] * h[j]
        sums[2][j] += dv[j]
      }
    }
    #expect(worstA < 3e-5 && worstG < 3e-5)
    // A row of one number is its own mean: the factor 1/sqrt(eps) then magnifies rounding.
    let tolerance = n == 1 ? 1e-2 : 3e-4
    for (single, double) in zip([gb, gg, gs], sums) {
      #expect(zip(single, double).allSatisfy { abs(Double($0) - $1) < tolerance })
    }
  }

  @Test("the graph loss is the sum over pairs, with its gradient, NaN terms left out")
  func graphLoss() {
    let r: [Float] = [1, 5, 4, .nan, -2, 5]  // three rows, two columns
    var g = [Float](repeating: 9, count: 6)
    let part = Kernels.graphLoss(rows: 3, anchors: 2, columns: 2, degree: 2, neighbours: [1, 2, 0, 2], r, gradient: &g)
    // Column 0: pairs (0,1) 3, (0,2) 3, (1,0) 3, (1,2) 6. Column 1: (0,2) 0; all others meet the NaN.
    #expect(part.sum == 15 && part.terms == 5)
    #expect(g == [-1, 0, 3, 0, -2, 0])
  }

  @Test("the value loss leaves NaN out and has slope 0 at 0")
  func valueLoss() {
    var g = [Float](repeating: 9, count: 4)
    let part = Kernels.absoluteLoss(count: 4, [-2, 0, .nan, 3], gradient: &g)
    #expect(part.sum == 5 && part.terms == 3)
    #expect(g == [-1, 0, 0, 1])
  }

  @Test("Adam follows the double-precision recursion")
  func adam() {
    var random = Seed(2).generator
    let n = 37
    var p = (0..<n).map { _ in Float(random.normal()) }
    var q = p.map(Double.init)
    var (m, v) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var adam = Adam(count: n, learningRate: 1e-2)
    for t in 1...50 {
      let gradient = (0..<n).map { _ in Float(random.normal()) }
      p.withUnsafeMutableBufferPointer { b in
        if let base = b.baseAddress { adam.step(base, gradient: gradient) }
      }
      for i in 0..<n {
        let g = Double(gradient[i])
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        let (mh, vh) = (m[i] / (1 - pow(0.9, Double(t))), v[i] / (1 - pow(0.999, Double(t))))
        q[i] -= 1e-2 * mh / (vh.squareRoot() + 1e-8)
      }
    }
    #expect(zip(p, q).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    #expect(adam.steps == 50)
  }

  @Test("products agree with sums in double precision, single rows and columns included")
  func products() {
    var random = Seed(4).generator
    for (m, n, k) in [(1, 1, 1), (5, 1, 7), (5, 7, 1), (1, 6, 4), (33, 20, 17), (64, 100, 100)] {
      func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
      let (a, at, b, bt) = (numbers(m * k), numbers(k * m), numbers(k * n), numbers(n * k))
      func error(_ c: [Float], _ term: (Int, Int, Int) -> Double) -> Double {
        var worst = 0.0
        for i in 0..<m {
          for j in 0..<n {
            worst = max(worst, abs(Double(c[i * n + j]) - (0..<k).reduce(0) { $0 + term(i, j, $1) }))
          }
        }
        return worst
      }
      var c = [Float](repeating: .nan, count: m * n)
      BLAS.productAB(m: m, n: n, k: k, a: a, b: b, c: &c)
      #expect(error(c) { Double(a[$0 * k + $2]) * Double(b[$2 * n + $1]) } < 1e-4)
      c = [Float](repeating: .nan, count: m * n)
      BLAS.productABt(m: m, n: n, k: k, a: a, b: bt, c: &c)
      #expect(error(c) { Double(a[$0 * k + $2]) * Double(bt[$1 * k + $2]) } < 1e-4)
      c = [Float](repeating: .nan, count: m * n)
      BLAS.productAtB(m: m, n: n, k: k, a: at, b: b, c: &c)
      #expect(error(c) { Double(at[$2 * m + $0]) * Double(b[$2 * n + $1]) } < 1e-4)
    }
  }
}
