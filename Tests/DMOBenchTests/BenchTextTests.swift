import Testing

@testable import DMOBench

@Suite("text of benchmarks")
struct BenchTextTests {
  @Test("numbers are rounded to fixed decimals, and carry their sign only when something is left")
  func numbers() {
    #expect(BenchText.number(1.005, digits: 1) == "1.0")
    #expect(BenchText.number(-0.0004, digits: 3) == "0.000")
    #expect(BenchText.number(-12.3456, digits: 2) == "-12.35")
    #expect(BenchText.number(0.07, digits: 2) == "0.07")
    #expect(BenchText.number(.nan, digits: 2) == "–")
    #expect(BenchText.number(41.5, digits: 0) == "42")
  }
}
