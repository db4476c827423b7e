import DMONumerics
import Foundation
import Testing

@testable import DMOSurrogates

private let file = Oracle.folder.appendingPathComponent("oracle/joint/joint_transformer_small.json")
private let isPresent = FileManager.default.fileExists(atPath: file.path)

/// Single precision on both sides, two blocks.
private let tolerance = 1e-5

/// dmosopt's joint transformer put together from dmo's kernels: a dense tokeniser, two pre-norm blocks, and two heads
/// that
/// read token 0. Keras stores weights as (inputs, outputs) and normalises with ε = 1e-3.
private struct Dmosopt {
  static let (rows, tokens, width, heads, hidden) = (64, 6, 16, 2, 32)
  let oracle: JSONTensors
  let all = rows * tokens

  init() throws { oracle = try JSONTensors(file) }

  private func w(_ i: Int) -> [Float] { oracle.floats("w_\(i < 10 ? "00" : "0")\(i)") }

  /// x W + b, and x W.
  private func linear(_ x: FloatBuffer, rows: Int, _ i: Int, bias: Bool = true) -> FloatBuffer {
    let (weight, b) = (w(i), w(i + 1))
    let y = FloatBuffer(count: rows * b.count)
    BLAS.productAB(m: rows, n: b.count, k: weight.count / b.count, a: x.base, b: weight, c: y.base)
    if bias { Kernels.addBias(rows: rows, columns: b.count, y.base, b) }
    return y
  }

  private func norm(_ x: FloatBuffer, rows: Int, _ i: Int) -> FloatBuffer {
    let y = FloatBuffer(count: rows * Self.width)
    Kernels.layerNorm(
      rows: rows, columns: Self.width, x.base, gain: w(i), shift: w(i + 1), into: y.base,
      keeping: Kernels.NormMemory(rows: rows, columns: Self.width), epsilon: 1e-3)
    return y
  }

  private func attention(_ x: FloatBuffer, _ i: Int) -> FloatBuffer {
    let (q, k, v) = (linear(x, rows: all, i), linear(x, rows: all, i + 2), linear(x, rows: all, i + 4))
    let kv = FloatBuffer(count: all * 2 * Self.width)
    for (part, start) in [(k, 0), (v, Self.width)] {
      Kernels.moveRows(
        rows: all, columns: Self.width, from: part.base, stride: Self.width, to: kv.base + start,
        toStride: 2 * Self.width)
    }
    let p = FloatBuffer(count: all * Self.heads * Self.tokens)
    let mixed = FloatBuffer(count: all * Self.width)
    Kernels.attention(
      Kernels.AttentionShape(
        rows: Self.rows, queries: Self.tokens, tokens: Self.tokens, heads: Self.heads, size: Self.width / Self.heads),
      q: q.base, kv: kv.base, p: p.base, out: mixed.base)
    return linear(mixed, rows: all, i + 6)
  }

  private func feedForward(_ x: FloatBuffer, norm i: Int) -> FloatBuffer {
    let z = linear(norm(x, rows: all, i), rows: all, i + 2, bias: false)
    let a = FloatBuffer(count: z.count)
    Kernels.biasGELU(rows: all, columns: Self.hidden, z: z.base, bias: w(i + 3), a: a.base)
    return linear(a, rows: all, i + 4)
  }

  /// Objectives in the network's own scale, and the constraints' probabilities.
  func outputs() -> (objectives: [Double], constraints: [Double]) {
    let z = FloatBuffer(count: Self.rows * 6)
    for (i, v) in oracle["X"].enumerated() { z.base[i] = Float(v / 2) }
    let h = linear(z, rows: Self.rows, 2)
    func add(_ part: FloatBuffer) { Kernels.add(count: all * Self.width, part.base, to: h.base) }
    add(attention(h, 4))
    add(feedForward(h, norm: 12))
    add(attention(norm(h, rows: all, 18), 20))
    add(feedForward(h, norm: 28))
    let first = FloatBuffer(count: Self.rows * Self.width)
    Kernels.moveRows(
      rows: Self.rows, columns: Self.width, from: h.base, stride: Self.tokens * Self.width, to: first.base,
      toStride: Self.width)
    let read = norm(first, rows: Self.rows, 34)
    let logits = linear(read, rows: Self.rows, 38).array().map { 1 / (1 + exp(-Double($0))) }
    return (linear(read, rows: Self.rows, 36).array().map(Double.init), logits)
  }
}

@Suite(
  "Building blocks against dmosopt's transformer",
  .enabled(if: isPresent, "needs shared/oracle/joint beside the repository"))
struct DmosoptBlocksTests {
  @Test("tokens, attention, LayerNorm, GELU and both heads give dmosopt's outputs")
  func outputs() throws {
    let network = try Dmosopt()
    let (objectives, constraints) = network.outputs()
    #expect(objectives.count == 128 && constraints.count == 192)
    #expect(relativeError(objectives, network.oracle["raw_objectives"]) < tolerance)
    #expect(relativeError(constraints, network.oracle["raw_constraints"]) < tolerance)
  }
}
