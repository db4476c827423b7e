import DMOPluginKit
import PluginTestSupport
import Synchronization
import Testing

@Suite("an evaluation")
struct EvaluationTests {
  let good: [Double] = [1e-4, 4, 1, 2, 1, 1, 2, 3, 4, 5, 6]

  @Test("reads typed parameters and writes outputs through keys")
  func keys() throws {
    let answer = try LoadedProblem(toys.export(nil), "everything").evaluate(good)
    #expect(answer.status == DMO_OK && answer.message == "")
    #expect(answer.y[..<4] == [1e-4 * 4 * 1.5, 1, 11, 21] && answer.y[4].isNaN)
  }

  @Test("uses the options of its own instance")
  func instances() throws {
    let one = try LoadedProblem(toys.export(nil), "everything", options: ["factor": "2"])
    let other = try LoadedProblem(toys.export(nil), "everything", options: ["factor": "3"])
    let answers = [one, other, one].map { $0.evaluate(good).y[0] }
    let area = 1e-4 * 4
    let expected: [Double] = [area * 2, area * 3, area * 2]
    #expect(answers == expected)
  }

  @Test("each thrown error has its status and message; other errors are failures")
  func errors() throws {
    let problem = try LoadedProblem(toys.export(nil), "thrower")
    let expected: [(Int, String)] = [
      (DMO_OK, ""), (DMO_INFEASIBLE, "nowhere"), (DMO_FAILED, "no licence"), (DMO_CANCELLED, "cancelled by the host"),
      (DMO_BAD_INPUT, "bad"), (DMO_UNSUPPORTED, "unsupported"), (DMO_FATAL, "broken"), (DMO_FAILED, "odd: größer 🦉"),
      (DMO_INFEASIBLE, "a b"),
    ]
    for (i, (status, message)) in expected.enumerated() {
      let answer = problem.evaluate([Double(i)], isCancelled: true)
      #expect(answer.status == dmo_status(status) && answer.message == message, "\(i)")
    }
    #expect(problem.evaluate([3], isCancelled: false).status == DMO_OK)
    #expect(problem.evaluate([1]).y == [7], "outputs already written are kept")
  }

  @Test("a message is cut at the host's capacity, between two characters")
  func capacity() throws {
    let problem = try LoadedProblem(toys.export(nil), "thrower")
    // The bytes: "odd: gr" 7, "ö" 2, "ß" 2, "er " 3, the owl 4, NUL 1.
    let expected = [
      0: "", 1: "", 2: "o", 8: "odd: gr", 9: "odd: gr", 10: "odd: grö", 12: "odd: größ", 15: "odd: größer ",
      18: "odd: größer ", 19: "odd: größer 🦉",
    ]
    for (capacity, message) in expected {
      let answer = problem.evaluate([7], capacity: capacity)
      #expect(answer.status == DMO_FAILED && answer.message == message, "capacity \(capacity)")
    }
  }

  @Test("a point outside its box or of the wrong size is refused before the simulator sees it")
  func box() throws {
    let problem = try LoadedProblem(toys.export(nil), "everything")
    for (i, bad) in [(0, 0.0), (0, .nan), (0, .infinity), (1, 17), (1, 2.5), (2, 2), (3, 3), (4, -1), (5, .nan)] {
      var x = good
      x[i] = bad
      let answer = problem.evaluate(x)
      #expect(answer.status == DMO_BAD_INPUT && answer.message.contains("number \(i) of x"), "x[\(i)] = \(bad)")
      #expect(answer.y.allSatisfy { $0.isNaN })
    }
    #expect(problem.evaluate([1]).status == DMO_BAD_INPUT)
    #expect(problem.evaluate(good, fidelity: 1).status == DMO_UNSUPPORTED)
    #expect(problem.evaluate(good.dropLast() + [1e6]).status == DMO_OK, "a phase has no outside")
  }

  @Test("destroy lets the simulator go, and a refused create leaves nothing behind")
  func lifetime() throws {
    do {
      let one = try LoadedProblem(toys.export(nil), "counted")
      let other = try LoadedProblem(toys.export(nil), "counted")
      #expect(one.evaluate([0.5]).y == other.evaluate([0.5]).y)
      #expect(Counted.alive.load(ordering: .relaxed) == 2)
    }
    #expect(Counted.alive.load(ordering: .relaxed) == 0)
    #expect(throws: LoadedProblem.CreateError(status: 2, message: "refused")) {
      try LoadedProblem(toys.export(nil), "counted", options: ["refuse": "true"])
    }
    #expect(Counted.alive.load(ordering: .relaxed) == 0)
  }

  @Test("many threads may evaluate a concurrent simulator on one instance")
  func threads() async throws {
    let problem = Shared(try LoadedProblem(toys.export(nil), "everything"))
    let points = (0..<200).map { i in [1e-4, Double(1 + i % 16), 1, 2, 1, 1, 2, 3, 4, 5, Double(i)] }
    let serial = points.map { problem.value.evaluate($0) }
    let parallel = await withTaskGroup(of: (Int, LoadedProblem.Answer).self) { group in
      for (i, x) in points.enumerated() { group.addTask { (i, problem.value.evaluate(x)) } }
      return await group.reduce(into: [Int: LoadedProblem.Answer]()) { $0[$1.0] = $1.1 }
    }
    for i in points.indices {
      let got = try #require(parallel[i])
      // The last number is NaN by design, and NaN is not equal to itself.
      #expect(got.status == DMO_OK && got.y.dropLast() == serial[i].y.dropLast())
    }
  }

  /// Lets an instance of a problem that declares DMO_THREADS_FREE go to other threads; the test calls evaluate() alone.
  private struct Shared: @unchecked Sendable {
    let value: LoadedProblem
    init(_ value: LoadedProblem) { self.value = value }
  }

  @Test("options that are refused give a status and a message, and no instance")
  func refused() {
    #expect(throws: LoadedProblem.CreateError(status: 4, message: "strict needs a label")) {
      try LoadedProblem(toys.export(nil), "everything", options: ["strict": "on"])
    }
    #expect(throws: LoadedProblem.CreateError(status: 4, message: "option stages: '2.5' is not a whole number")) {
      try LoadedProblem(toys.export(nil), "everything", options: ["stages": "2.5"])
    }
    #expect(throws: Never.self) {
      try LoadedProblem(toys.export(nil), "everything", options: ["strict": "on", "label": "x"])
    }
  }

  @Test("seeded random numbers are SplitMix64's")
  func random() {
    // The published sequence for the seed 1234567.
    var random = SeededRandom(seed: 1_234_567)
    let numbers = (0..<3).map { _ in random.next() }
    #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    var (sum, squares) = (0.0, 0.0)
    for _ in 0..<100_000 {
      let value = random.gaussian()
      (sum, squares) = (sum + value, squares + value * value)
    }
    // Five standard errors of the mean and of the variance.
    #expect(abs(sum / 1e5) < 5 / 1e5.squareRoot() && abs(squares / 1e5 - 1) < 5 * (2 / 1e5).squareRoot())
  }
}
