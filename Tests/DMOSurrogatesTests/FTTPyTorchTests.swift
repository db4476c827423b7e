import DMONumerics
import Testing

@testable import DMOSurrogates

/// Single precision against PyTorch's double precision: what the joint trainer promises; reached is about 1e-6.
private let singlePrecision = 1e-4

/// A network that Tests/Scripts/ftt_golden.py worked through in PyTorch, and dmo's with the same weights.
private struct Twin {
  let golden: JSONTensors
  let shape: FTTShape
  let parameters: [Float]
  let rows: Int
  let pass: FTTPass

  init() throws {
    golden = try .golden("ftt")
    let regressions = golden.integer("regressions")
    shape = FTTShape(
      groups: golden["groups"].map { Int($0) }, width: golden.integer("width"), blocks: golden.integer("blocks"),
      heads: golden.integer("heads"), hidden: golden.integer("hidden"), outputs: golden["column"].count)
    #expect(regressions < shape.outputs)
    rows = golden["row"].count
    pass = FTTPass(shape: shape, capacity: rows)
    var flat = [Float](repeating: 0, count: shape.parameterCount)
    for (name, offset) in Self.places(shape) {
      let values = golden.nested("weights").floats(name)
      #expect(!values.isEmpty, "the golden file lacks \(name)")
      flat.replaceSubrange(offset..<offset + values.count, with: values)
    }
    parameters = flat
  }

  /// PyTorch's names of all tensors, and dmo's places.
  static func places(_ s: FTTShape) -> [(name: String, offset: Int)] {
    func linear(_ name: String, _ l: LinearPlace) -> [(String, Int)] {
      [("\(name).weight", l.weight), ("\(name).bias", l.bias)]
    }
    func norm(_ name: String, _ n: NormPlace) -> [(String, Int)] {
      [("\(name).weight", n.gain), ("\(name).bias", n.shift)]
    }
    var result = [("feature", s.feature), ("bias", s.bias), ("cls", s.cls)] + norm("norm", s.norm)
    result += linear("head", s.head)
    for (b, block) in s.blocks.enumerated() {
      let at = "blocks.\(b)."
      result += linear(at + "query", block.query) + linear(at + "keyValue", block.keyValue)
      result += linear(at + "out", block.out) + linear(at + "up", block.up) + linear(at + "down", block.down)
      result += norm(at + "norm", block.norm)
      if let n = block.attentionNorm { result += norm(at + "attentionNorm", n) }
    }
    return result
  }

  func forward() -> [Double] {
    pass.forward(parameters, rows: rows, x: golden.floats("x"))
    return pass.output.array(rows * shape.outputs).map(Double.init)
  }
}

@Suite("The FT-Transformer against its PyTorch twin")
struct FTTPyTorchTests {
  @Test("outputs and input gradients agree")
  func outputs() throws {
    let twin = try Twin()
    let golden = twin.golden
    #expect(relativeError(twin.forward(), golden["output"]) < singlePrecision)
    for (i, v) in golden.floats("v").enumerated() { twin.pass.outputGradient.base[i] = v }
    let gx = FloatBuffer(count: twin.rows * twin.shape.inputs)
    twin.pass.backward(
      twin.parameters, rows: twin.rows, x: golden.floats("x"), gradient: nil, inputGradient: gx.base)
    #expect(relativeError(gx.array().map(Double.init), golden["inputGradient"]) < singlePrecision)
  }

  @Test("the joint loss and its gradients agree, tensor by tensor")
  func gradients() throws {
    let twin = try Twin()
    let golden = twin.golden
    _ = twin.forward()
    let loss = Kernels.jointLoss(
      rows: twin.rows, columns: twin.shape.outputs, regressions: golden.integer("regressions"), twin.pass.output.base,
      golden.floats("y"), rowWeight: golden.floats("row"),
      weights: Kernels.JointLossWeights(
        column: golden.floats("column"), positive: golden.floats("positive"), negative: golden.floats("negative")),
      gradient: twin.pass.outputGradient.base)
    #expect(abs(loss - golden.number("loss")) < singlePrecision * golden.number("loss"))
    let gradient = FloatBuffer(count: twin.shape.parameterCount)
    twin.pass.backward(
      twin.parameters, rows: twin.rows, x: golden.floats("x"), gradient: gradient.base, inputGradient: nil)
    for (name, offset) in Twin.places(twin.shape) {
      let expected = golden.nested("gradients")[name]
      let ours = (0..<expected.count).map { Double(gradient.base[offset + $0]) }
      if name.hasSuffix("keyValue.bias") {
        // A shift of all keys moves no softmax: its gradient is 0, and its entries are rounding.
        let half = expected.count / 2
        #expect(ours[..<half].allSatisfy { abs($0) < singlePrecision }, "\(name), keys")
        #expect(relativeError(Array(ours[half...]), Array(expected[half...])) < singlePrecision, "\(name), values")
      } else {
        #expect(relativeError(ours, expected) < singlePrecision, "\(name)")
      }
    }
  }

  @Test("more than 64 parameters share tokens, and every input still has a gradient")
  func grouped() {
    let shape = FTTShape(
      groups: Array(repeating: 1, count: 150), width: 16, blocks: 2, heads: 2, hidden: 32, outputs: 1)
    #expect(shape.tokens == 50 && shape.owner[0] == 0 && shape.owner[2] == 0 && shape.owner[3] == 1)
    let p = JointArchitecture.ftt(shape).initialParameters(seed: .init(3))
    let pass = FTTPass(shape: shape, capacity: 2)
    let x = (0..<300).map { Float($0 % 7) - 3 }
    pass.forward(p, rows: 2, x: x)
    pass.outputGradient.base.update(repeating: 1, count: 2)
    let g = FloatBuffer(count: 300)
    pass.backward(p, rows: 2, x: x, gradient: nil, inputGradient: g.base)
    #expect(g.array().allSatisfy { $0.isFinite && $0 != 0 })
  }
}
