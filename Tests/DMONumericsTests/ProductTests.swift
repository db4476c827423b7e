import DMOCore
import DMONumerics
import Testing

@Suite("Matrix products")
struct ProductTests {
  /// Every tile's height and width, remainders of the 16 lanes, and depths on both sides of a panel's 512.
  static let shapes: [(m: Int, n: Int, k: Int)] =
    (1...17).map { ($0, 48 + 3 * $0, 5 * $0) }
    + [(3, 1, 40), (64, 100, 16), (64, 256, 5), (9, 64, 511), (8, 64, 512), (10, 65, 513), (5, 100, 1100), (40, 20, 70), (2, 49, 1)]

  @Test("agree with sums in double precision, whatever the shape", arguments: shapes)
  func products(_ s: (m: Int, n: Int, k: Int)) {
    var random = Seed(5).generator
    func matrix(_ rows: Int, _ columns: Int) -> [Float] { (0..<rows * columns).map { _ in Float(random.normal()) } }
    let (a, b) = (matrix(s.m, s.k), matrix(s.k, s.n))
    func transposed(_ x: [Float], _ rows: Int, _ columns: Int) -> [Float] {
      (0..<columns).flatMap { c in (0..<rows).map { x[$0 * columns + c] } }
    }
    var expected = [Double](repeating: 0, count: s.m * s.n)
    for i in 0..<s.m {
      for p in 0..<s.k {
        for j in 0..<s.n { expected[i * s.n + j] += Double(a[i * s.k + p]) * Double(b[p * s.n + j]) }
      }
    }
    // A row of guards behind each result: nothing may be written there.
    func check(_ name: String, _ product: (UnsafeMutablePointer<Float>) -> Void) {
      var c = [Float](repeating: 77, count: s.m * s.n + 64)
      c.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { product(base) } }
      let tolerance = 1e-6 * Double(s.k + 10)  // sums of k products of numbers of size 1, single precision
      #expect(zip(c, expected).allSatisfy { abs(Double($0) - $1) < tolerance }, "\(name)")
      #expect(c[(s.m * s.n)...].allSatisfy { $0 == 77 }, "\(name)")
    }
    let (at, bt) = (transposed(a, s.m, s.k), transposed(b, s.k, s.n))
    check("a b") { BLAS.productAB(m: s.m, n: s.n, k: s.k, a: a, b: b, c: $0) }
    check("a bᵀ") { BLAS.productABt(m: s.m, n: s.n, k: s.k, a: a, b: bt, c: $0) }
    check("aᵀ b") { BLAS.productAtB(m: s.m, n: s.n, k: s.k, a: at, b: b, c: $0) }
  }
}
