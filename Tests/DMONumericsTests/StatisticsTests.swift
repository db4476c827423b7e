import DMONumerics
import Testing

@Suite("statistics of samples")
struct StatisticsTests {
  @Test("quantiles interpolate as R's type 7; one value is all its quantiles")
  func quantiles() {
    #expect(Statistics.quantile([4, 1, 3, 2], 0.25) == 1.75)
    #expect(Statistics.quantile([4, 1, 3, 2], 0.5) == 2.5)
    #expect(Statistics.quantile([7], 0.75) == 7)
    #expect(Statistics.quantile([1, .infinity, .infinity], 0.75) == .infinity)
    #expect(Statistics.quantile([], 0.5).isNaN)
  }

  @Test("the deviation divides by n − 1")
  func deviation() {
    #expect(abs(Statistics.deviation([2, 4, 4, 4, 5, 5, 7, 9]) - (32.0 / 7).squareRoot()) < 1e-12)
    #expect(Statistics.deviation([1]).isNaN)
  }

  @Test("the bootstrap interval is as wide as theory says, and the same each time")
  func bootstrap() {
    let sample = (0..<100).map { Double($0) }
    let (low, high) = Statistics.interval(sample)
    // Standard error of the mean: 28.87 / 10; the percentile interval is about ± 1.96 of it. 4 % is Monte Carlo noise
    // of the 2.5 % quantile of 10,000 draws.
    #expect(abs((high - low) / (2 * 1.96 * 2.887) - 1) < 0.04)
    #expect(low < 49.5 && high > 49.5)
    #expect(Statistics.interval(sample) == (low, high))
  }
}
