import DMOCore
import DMONumerics
import Foundation
import Testing

/// Indices by SALib 1.6.0 (`fast_sampler.sample(…, M=4, seed=7)`, `fast.analyze(…, M=4)`), whose phases those are.
private struct Case: Sendable {
  var name: String
  var count: Int
  var first, total: [Double]
}
private let phases = [
  3.927590651355011, 5.637360571650786, 4.873776931938056, 1.4150185072200887, 1.8860003910648933, 5.488698173149897,
  0.033082884284244704, 5.159930332220927,
]
private let cases = [
  Case(
    name: "ishigami", count: 257, first: [0.3110120908106739, 0.4407751446409881, 0.01652387376934508],
    total: [0.5375368834635327, 0.4860789934025742, 0.23497028258132568]),
  Case(
    name: "ishigami", count: 512, first: [0.307230146567786, 0.44243060839238474, 2.285452132373875e-07],
    total: [0.5437525791580133, 0.46287801382603144, 0.23934584723843866]),
  Case(
    name: "g", count: 257,
    first: [
      0.7013170825747352, 0.18264593449375238, 0.015075792866641305, 0.00427920184547035, 6.263657246197798e-05,
      8.391611101022925e-05, 0.00013050098568098624, 5.833942499909902e-05,
    ],
    total: [
      0.7856472721271321, 0.2445162573974602, 0.025849443625666768, 0.008592009636261944, 0.0012533922313807677,
      0.0011180439700267941, 0.0013863966904693603, 0.0015375614045153307,
    ]),
  Case(
    name: "g", count: 512,
    first: [
      0.7150283344203886, 0.1869327658428957, 0.016010404465944, 0.004620463919240072, 5.314535763090356e-05,
      7.632671033626553e-05, 0.00014019376118117464, 5.549590382189504e-05,
    ],
    total: [
      0.791416089273242, 0.2515377544403634, 0.02619862028942066, 0.007846891503919817, 0.00019319679936391498,
      0.0002521049032033762, 0.0003792441444443462, 0.00021929326873415533,
    ]),
]

@Suite("Fourier amplitude sensitivities")
struct FourierSensitivityTests {
  private func value(_ name: String, _ u: ArraySlice<Double>) -> Double {
    if name == "ishigami" {
      let x = u.map { -Double.pi + 2 * Double.pi * $0 }
      return sin(x[0]) + 7 * sin(x[1]) * sin(x[1]) + 0.1 * x[2] * x[2] * x[2] * x[2] * sin(x[0])
    }
    return zip(u, [0.0, 1, 4.5, 9, 99, 99, 99, 99]).reduce(1) { $0 * (abs(4 * $1.0 - 2) + $1.1) / (1 + $1.1) }
  }

  @Test("indices of Ishigami's function and the g-function are SALib's", arguments: 0..<4)
  func indices(_ number: Int) {
    let c = cases[number]
    let d = c.first.count
    let design = FourierSensitivity.design(count: c.count, phases: Array(phases.prefix(d)))
    #expect(design.count == d * c.count * d && design.allSatisfy { (0...1).contains($0) })
    let y = stride(from: 0, to: design.count, by: d).map { value(c.name, design[$0..<$0 + d]) }
    let result = FourierSensitivity(responses: y, dimension: d)
    // Both add some hundred rounded terms.
    for (own, their) in zip(result.first + result.total, c.first + c.total) { #expect(abs(own - their) < 1e-9) }
  }

  @Test("a constant has no indices, and phases follow the seed")
  func edges() {
    let y = [Double](repeating: 3, count: 2 * 129)
    #expect(FourierSensitivity(responses: y, dimension: 2).first.allSatisfy { $0.isNaN })
    let one = FourierSensitivity.phases(dimension: 3, seed: Seed(1))
    #expect(one == FourierSensitivity.phases(dimension: 3, seed: Seed(1)))
    #expect(one != FourierSensitivity.phases(dimension: 3, seed: Seed(2)))
  }
}
