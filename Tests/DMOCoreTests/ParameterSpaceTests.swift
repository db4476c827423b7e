import DMOCore
import Testing

@Suite("parameter space")
struct ParameterSpaceTests {
  let space = ParameterSpace([
    Parameter(id: "w", unit: "um", min: 2, max: 32),
    Parameter(id: "n", kind: .integer, min: -1, max: 3),
    Parameter(id: "kind", kind: .categorical(["a", "b", "c"])),
    Parameter(id: "on", kind: .boolean),
    Parameter(id: "c", scale: .log, min: 1e-13, max: 1e-11),
    Parameter(id: "g", min: 1, max: 2.3, step: 0.5),
    Parameter(id: "phase", min: -3, max: 3, count: 4, columns: 2, isPeriodic: true),
    Parameter(id: "day", kind: .integer, min: 0, max: 7, isPeriodic: true),
    Parameter(id: "pinned", min: 5, max: 5),
    Parameter(id: "ratio", kind: .integer, scale: .log, min: 1, max: 100),
  ])

  @Test("blocks are laid out in table order, with labels and ranges to match")
  func layout() {
    #expect(space.dimension == 13)
    #expect(space.labels[6...9] == ["phase[0]", "phase[1]", "phase[2]", "phase[3]"])
    #expect(space.range(of: "phase") == 6..<10)
    #expect(space.range(of: "day") == 10..<11)
    #expect(space.range(of: "nothing") == nil)
    for (i, label) in space.labels.enumerated() { #expect(space.coordinate(label) == i) }
    for label in ["phase", "phase[4]", "phase[-1]", "w[0]", "phase[x]", "phase[1", ""] {
      #expect(space.coordinate(label) == nil, "\(label)")
    }
  }

  @Test("canonical values are allowed, stay as they are, and are the decoded ones")
  func canonical() {
    var stream = Seed(1).generator
    for _ in 0..<300 {
      let z = (0..<space.dimension).map { _ in stream.uniform() * 1.4 - 0.2 }
      let x = space.decode(z)
      #expect(space.canonical(x) == x)
      for i in x.indices { #expect(space.objection(to: x[i], at: i) == nil) }
      #expect(space.sample(0, at: 0) == 2)
    }
  }

  @Test("the last point of a grid is allowed, also where adding up its steps rounds beyond the bound")
  func gridEnd() {
    #expect(0.1 + 2 * 0.1 > 0.3)
    var stream = Seed(3).generator
    for k in 0..<1000 {
      let (min, step) = k == 0 ? (0.1, 0.1) : (stream.uniform(), stream.uniform() / 10)
      // As an author would write it down.
      let max = ((min + Double(1 + stream.index(below: 20)) * step) * 1e4).rounded() / 1e4
      let grid = ParameterSpace([Parameter(id: "g", min: min, max: k == 0 ? 0.3 : max, step: step)])
      for z in [0, 0.3, 1] {
        let x = grid.decode(z, at: 0)
        #expect(grid.objection(to: x, at: 0) == nil && grid.canonical(x, at: 0) == x)
      }
    }
  }

  @Test("encoding inverts decoding on canonical values")
  func roundTrip() {
    var stream = Seed(2).generator
    for _ in 0..<300 {
      let x = space.decode((0..<space.dimension).map { _ in stream.uniform() })
      let z = space.encode(x)
      #expect(z.allSatisfy { (0...1).contains($0) })
      for (a, b) in zip(space.decode(z), x) { #expect(abs(a - b) <= 1e-13 * max(abs(b), 1)) }
    }
  }

  @Test("values out of range are clipped, periodic ones wrapped, NaN stays NaN")
  func edges() {
    #expect(space.canonical(100, at: 0) == 32)
    #expect(space.canonical(-5, at: 1) == -1)
    #expect(space.canonical(0.6, at: 3) == 1)
    #expect(space.canonical(2.3, at: 5) == 2, "the last grid point lies below the bound")
    #expect(space.canonical(1.2, at: 5) == 1)
    #expect(space.canonical(3, at: 6) == -3, "both ends are one point")
    #expect(abs(space.canonical(4, at: 6) - -2) < 1e-12)
    #expect(space.canonical(-1e-20, at: 6) == -1e-20)
    #expect(space.canonical(6.7, at: 10) == 0, "rounding up to the period wraps")
    #expect(space.canonical(77, at: 11) == 5)
    #expect(space.canonical(.nan, at: 0).isNaN)
    #expect(space.canonical(.nan, at: 11).isNaN)
    #expect(space.encode(5, at: 11) == 0.5)
    #expect(space.bounded(1.25, at: 6) == 0.25)
    #expect(space.bounded(1.25, at: 0) == 1)
  }

  @Test("objections name the parameter and the cause")
  func objections() throws {
    #expect(try #require(space.objection(to: 33, at: 0)).contains("w = 33.0 is outside its range 2.0 … 32.0 um"))
    #expect(try #require(space.objection(to: .infinity, at: 7)).contains("phase[1]"))
    #expect(try #require(space.objection(to: 0.5, at: 1)).contains("not a whole number"))
    #expect(try #require(space.objection(to: 0.5, at: 2)).contains("a, b, c"))
    #expect(try #require(space.objection(to: 0.5, at: 3)).contains("neither 0 nor 1"))
    #expect(try #require(space.objection(to: 1.25, at: 5)).contains("grid"))
    #expect(space.objection(to: 99, at: 6) == nil, "periodic values wrap")
  }

  @Test("labels, whole numbers and grid points are drawn equally often")
  func equalShares() {
    let n = 4200
    for (i, levels) in [(1, 5), (2, 3), (3, 2), (5, 3), (10, 7)] {
      #expect(space.levelCount(at: i) == levels)
      var counts: [Double: Int] = [:]
      for k in 0..<n { counts[space.sample((Double(k) + 0.5) / Double(n), at: i), default: 0] += 1 }
      #expect(counts.count == levels)
      for (value, count) in counts {
        #expect(abs(count - n / levels) <= 1)
        #expect(space.objection(to: value, at: i) == nil)
      }
      #expect(Set(counts.keys) == Set((0..<levels).map { space.value(ofLevel: $0, at: i) }))
    }
    #expect(space.levelCount(at: 0) == nil)
    #expect(space.levelCount(at: 11) == 1)
    #expect(space.sample(0.9, at: 11) == 5)
  }

  @Test("a logarithmic whole number is drawn evenly in its logarithm, ends included")
  func logarithmicIntegers() {
    let n = 100_000
    let values = (0..<n).map { space.sample((Double($0) + 0.5) / Double(n), at: 12) }
    let share = { (v: Double) in Double(values.filter { $0 == v }.count) / Double(n) }
    // log((v + ½)/(v − ½)) / log(100.5/0.5)
    #expect(abs(share(1) - 0.20716) < 1e-4)
    #expect(abs(share(100) - 0.0018856) < 1e-4)
    #expect(values.allSatisfy { space.objection(to: $0, at: 12) == nil })
  }
}
