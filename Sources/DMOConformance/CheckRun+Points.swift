import CDMOHost
import DMOCore
import DMOHost
import Foundation

extension CheckRun {
  func stream(_ purpose: String = "points") -> RandomStream { Seed(request.seed).derived(purpose).generator }

  /// The middle of the box; the geometric one for logarithmic parameters.
  func centre(_ space: ParameterSpace) -> [Double] { (0..<space.dimension).map { space.decode(0.5, at: $0) } }

  /// A Latin hypercube: every coordinate's range is cut into `count` shares, each met once.
  func points(_ count: Int, _ space: ParameterSpace, _ purpose: String = "points") -> [[Double]] {
    var rng = stream(purpose)
    var rows = Array(repeating: [Double](repeating: 0, count: space.dimension), count: count)
    for i in 0..<space.dimension {
      for (row, share) in rng.permutation(count).enumerated() {
        rows[row][i] = space.sample((Double(share) + rng.uniform()) / Double(count), at: i)
      }
    }
    return rows
  }

  /// The centre first, then random points.
  func mixedPoints(_ count: Int) throws -> [[Double]] {
    let space = try instance().spec.space
    return [centre(space)] + points(max(count - 1, 0), space)
  }

  func ask(_ x: [Double], id: UInt64 = 1, seed: UInt64? = nil, fidelity: UInt32 = 0) -> EvaluationRequest {
    EvaluationRequest(id: id, x: x, seed: seed ?? request.seed, fidelity: fidelity)
  }

  /// A point in words: its first eight coordinates; the seed gives the rest.
  func words(_ request: EvaluationRequest) -> String {
    var text = zip(labels.prefix(8), request.x).map { "\($0)=\($1)" }.joined(separator: " ")
    if request.x.count > 8 { text += " … (\(request.x.count) numbers)" }
    if request.fidelity > 0 { text += " fidelity \(request.fidelity)" }
    return text + " (seed \(request.seed))"
  }

  /// Evaluates with room around the buffers.
  func evaluate(
    _ ask: EvaluationRequest, with probe: EvaluationProbe? = nil, capacity: Int? = nil
  ) throws -> ProbeAnswer {
    let probe = try probe ?? self.probe()
    note("evaluating " + words(ask))
    let answer = capacity.map { probe.evaluate(ask, capacity: $0) } ?? probe.evaluate(ask)
    note("")
    return answer
  }

  /// Runs a body during which the plugin is asked to stop after that time.
  func cancelling<T>(after seconds: Double, _ body: () throws -> T) rethrows -> T {
    let (flag, done, ended) = (
      CancelFlag(address: cancelFlag), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
    )
    Thread {
      if done.wait(timeout: .now() + seconds) == .timedOut { dmo_store_byte(flag.address, 1) }
      ended.signal()
    }.start()
    defer {
      done.signal()
      ended.wait()
      dmo_store_byte(cancelFlag, 0)
    }
    return try body()
  }

  /// The answer, or the end of the check when the plugin says neither OK nor INFEASIBLE.
  func answered(_ ask: EvaluationRequest, with probe: EvaluationProbe? = nil) throws -> ProbeAnswer {
    let answer = try evaluate(ask, with: probe)
    guard answer.isOK || answer.isInfeasible else {
      throw Broken(
        "evaluate() answered \(EvaluationStatus(rawValue: answer.status))"
          + (answer.message.isEmpty ? "" : ": \(answer.message)"), at: words(ask))
    }
    return answer
  }

  /// Which output breaks the promise of the status OK, in words, or nil.
  func unfinished(_ answer: ProbeAnswer) throws -> String? {
    guard answer.isOK else { return nil }
    let outputs = try instance().spec.outputs
    var k = 0
    for output in outputs.outputs {
      for index in 0..<output.width {
        let value = answer.y[k]
        if answer.isUnwritten(k) { return "the status is OK, but \(output.label(index)) was not written" }
        if value.isInfinite || (value.isNaN && !output.mayBeNaN) {
          return "the status is OK, but \(output.label(index)) is \(value)"
        }
        k += 1
      }
    }
    return nil
  }

  /// The most basic rule that an answer breaks, and the id of its check; nil when it keeps them all.
  func basicTrouble(_ answer: ProbeAnswer) throws -> (owner: String, words: String)? {
    if answer.wroteBeforeY { return ("eval.bounds-guard", "it wrote before the start of y") }
    if answer.wrotePastY { return ("eval.bounds-guard", "it wrote past the end of y") }
    if answer.wroteOutsideMessage { return ("eval.bounds-guard", "it wrote outside the message") }
    if answer.changedX { return ("eval.bounds-guard", "it changed x") }
    if !(0...6).contains(answer.status) { return ("eval.status-range", "evaluate() answered \(answer.status)") }
    return try unfinished(answer).map { ("eval.finite", $0) }
  }

  /// A request and what it was answered.
  struct Row {
    var ask: EvaluationRequest
    var answer: ProbeAnswer
  }

  /// The answers to these points, for comparison with another way to get them: as many as the time allows, at least
  /// two. Skips the check when they change by themselves, which other checks report.
  func settled(_ points: [[Double]]) throws -> [Row] {
    var rows: [Row] = []
    for (k, x) in points.enumerated() where k < 2 || hasTime {
      let ask = ask(x, id: UInt64(k + 1))
      rows.append(Row(ask: ask, answer: try evaluate(ask)))
    }
    for row in rows.reversed() where differs(try evaluate(row.ask), row.answer, []) != nil {
      throw Broken(.skip("answers change by themselves: see eval.deterministic and eval.order-free"))
    }
    return rows
  }

  /// Points away from the bounds by a tenth of the range, so that there is room for differences.
  func innerPoints(_ count: Int, _ space: ParameterSpace) -> [[Double]] {
    var rng = stream("inner")
    return (0..<count).map { _ in (0..<space.dimension).map { space.decode(0.1 + 0.8 * rng.uniform(), at: $0) } }
  }

  func randomPoint(_ space: ParameterSpace, _ rng: inout RandomStream) -> [Double] {
    (0..<space.dimension).map { space.sample(rng.uniform(), at: $0) }
  }

  /// A random direction along which a step of 1 is some tenth of the range, or of the value of a logarithmic parameter;
  /// 0 along what is discrete or fixed.
  func direction(_ space: ParameterSpace, _ x: [Double], _ rng: inout RandomStream) -> [Double] {
    (0..<space.dimension).map { i in
      let p = space.parameter(at: i)
      let length = 2 * rng.uniform() - 1
      if p.isDiscrete { return 0 }
      return length * (p.scale == .log ? x[i] : p.max - p.min)
    }
  }

  /// The reference points of these kinds that name x.
  func references(_ wanted: (ReferencePoint.Kind) -> Bool) throws -> [(ReferencePoint, [Double])] {
    guard try problem().extensions.contains(.reference) else { return [] }
    let instance = try instance()
    note("points() of dmo.reference/1")
    let points = try instance.referencePoints()
    note("")
    return points.compactMap { point in wanted(point.kind) ? point.x.map { (point, $0) } : nil }
  }
}

/// The byte behind `cancelled()`, for another thread.
private struct CancelFlag: @unchecked Sendable {
  // Written and read atomically; lives as long as the run, which waits for the thread.
  let address: UnsafeMutablePointer<UInt8>
}
