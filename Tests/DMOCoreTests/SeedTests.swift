import DMOCore
import Foundation
import Testing

@Suite("seeds and random streams")
struct SeedTests {
  /// Worked out with a second implementation of SplitMix64's finaliser, in another language.
  @Test("derived seeds are those of the documented mixing")
  func derivation() {
    #expect(Seed(42).derived("initial-design", 7).value == 8_834_802_150_850_240_899)
    #expect(Seed(0).derived("").value == 12_035_550_249_420_947_055)
  }

  @Test("different purposes and numbers give different seeds")
  func distinct() {
    let all = (0..<100).flatMap { n in ["a", "b", "ab", ""].map { Seed(1).derived($0, n).value } }
    #expect(Set(all).count == all.count)
  }

  /// xoshiro256++ from the state (1, 2, 3, 4), worked out in another language.
  @Test("the generator is xoshiro256++")
  func knownVector() throws {
    var stream = try JSONDecoder().decode(
      RandomStream.self, from: Data(#"{"s0": 1, "s1": 2, "s2": 3, "s3": 4}"#.utf8))
    let expected: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205,
      9_973_669_472_204_895_162, 14_011_001_112_246_962_877, 12_406_186_145_184_390_807,
      15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
    ]
    #expect(expected.map { _ in stream.next() } == expected)
  }

  @Test("uniform and normal numbers have the moments of their distributions")
  func moments() {
    var stream = Seed(3).generator
    let n = 20_000
    let uniform = (0..<n).map { _ in stream.uniform() }
    let normal = (0..<n).map { _ in stream.normal() }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    let mean = { (v: [Double]) in v.reduce(0, +) / Double(v.count) }
    let squares = { (v: [Double]) in v.reduce(0) { $0 + $1 * $1 } / Double(v.count) }
    let root = Double(n).squareRoot()
    #expect(abs(mean(uniform) - 0.5) < 5 * 0.289 / root)  // five standard errors each
    #expect(abs(mean(normal)) < 5 / root)
    #expect(abs(squares(normal) - 1) < 5 * 1.42 / root)
  }

  @Test("a permutation holds every number once, and every place is reached")
  func permutation() {
    var stream = Seed(8).generator
    #expect(stream.permutation(50).sorted() == Array(0..<50))
    #expect(stream.permutation(0).isEmpty)
    #expect(stream.permutation(1) == [0])
    #expect(Set((0..<200).map { _ in stream.permutation(4)[0] }) == [0, 1, 2, 3])
  }
}
