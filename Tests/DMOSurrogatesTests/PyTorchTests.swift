import DMONumerics
import Testing

@testable import DMOSurrogates

/// Single precision against PyTorch's double precision: the bound that issue-level acceptance asks for.
private let singlePrecision = 1e-5

@Suite("Against PyTorch", .enabled(if: Oracle.isPresent, "needs shared/oracle/mlp beside the repository"))
struct PyTorchTests {
  static let names = ["mlp_torch_plain", "mlp_torch_layernorm"]

  /// A pass over the oracle's batch, its neighbours included.
  private struct Setting {
    let oracle: Oracle
    let pass: MLPPass
    let x: [Float]
    let y: [Float]
    let residual: FloatBuffer
    let gradient: FloatBuffer

    init(_ name: String) throws {
      oracle = try Oracle(name)
      let all = oracle.rows * (1 + oracle.degree)
      pass = MLPPass(shape: oracle.shape, capacity: all)
      x = oracle.allInputs.map(Float.init)
      y = oracle.allTargets.map(Float.init)
      residual = FloatBuffer(count: all * oracle.shape.outputs)
      gradient = FloatBuffer(count: oracle.shape.parameterCount)
    }

    /// Mean loss; its gradient is left in `gradient`.
    func loss(_ loss: TrainingLoss, _ p: [Float]) -> Double {
      let rows = loss == .mae ? oracle.rows : oracle.rows * (1 + oracle.degree)
      let sums = oracle.neighbours.withUnsafeBufferPointer { neighbours in
        loss.gradient(
          pass: pass, parameters: p, rows: rows, x: x, y: y,
          pairs: TrainingLoss.Pairs(
            anchors: oracle.rows, degree: oracle.degree, neighbours: neighbours.baseAddress),
          residual: residual, gradient: gradient)
      }
      return loss.mean(sums)
    }
  }

  @Test("outputs and input gradients agree", arguments: names)
  func outputs(_ name: String) throws {
    let s = try Setting(name)
    let p = s.oracle.flat("w0").map(Float.init)
    s.pass.forward(p, rows: s.oracle.rows, x: s.x)
    let out = s.pass.output.array(s.oracle.rows * s.oracle.shape.outputs).map(Double.init)
    #expect(relativeError(out, s.oracle["out"].values) < singlePrecision)

    s.pass.outputGradient.base.update(repeating: 1, count: out.count)
    let dx = FloatBuffer(count: s.oracle.rows * s.oracle.shape.inputs)
    s.pass.backward(p, rows: s.oracle.rows, x: s.x, gradient: nil, inputGradient: dx.base)
    #expect(relativeError(dx.array().map(Double.init), s.oracle["dsum_out_dx"].values) < singlePrecision)
  }

  @Test("losses and their gradients agree, tensor by tensor", arguments: names, [TrainingLoss.mae, .gradPIE])
  func gradients(_ name: String, _ loss: TrainingLoss) throws {
    let s = try Setting(name)
    let value = s.loss(loss, s.oracle.flat("w0").map(Float.init))
    let expected = s.oracle["mae_gradpie_per_adam_step"].values[loss == .mae ? 0 : 1]
    #expect(abs(value - expected) < singlePrecision * expected)
    let gradient = s.gradient.array().map(Double.init)
    for (tensor, offset, count) in s.oracle.places {
      let reference = s.oracle["g_\(loss == .mae ? "mae" : "gradpie").\(tensor)"].values
      #expect(relativeError(Array(gradient[offset..<offset + count]), reference) < singlePrecision, "\(tensor)")
    }
  }

  @Test("five Adam steps follow the same path", arguments: names)
  func adam(_ name: String) throws {
    let s = try Setting(name)
    var p = s.oracle.flat("w0").map(Float.init)
    var adam = Adam(count: p.count, learningRate: 1e-2)
    for step in 0..<5 {
      let expected = s.oracle["mae_gradpie_per_adam_step"].values
      let mae = s.loss(.mae, p)
      let gradPIE = s.loss(.gradPIE, p)
      #expect(abs(mae - expected[2 * step]) < singlePrecision * expected[2 * step], "step \(step)")
      #expect(abs(gradPIE - expected[2 * step + 1]) < singlePrecision * expected[2 * step + 1], "step \(step)")
      p.withUnsafeMutableBufferPointer { adam.step($0.baseAddress!, gradient: s.gradient.base) }
    }
    for (tensor, offset, count) in s.oracle.places {
      let error = relativeError(p[offset..<offset + count].map(Double.init), s.oracle["w5.\(tensor)"].values)
      #expect(error < singlePrecision, "\(tensor)")
    }
  }

  @Test("the double-precision reference agrees to 1e-9", arguments: names)
  func reference(_ name: String) throws {
    let oracle = try Oracle(name)
    let net = ReferenceMLP(shape: oracle.shape, parameters: oracle.flat("w0"))
    let n = oracle.shape.inputs
    let out = (0..<oracle.rows).flatMap { net.output(Array(oracle["x"].values[$0 * n..<($0 + 1) * n])) }
    #expect(relativeError(out, oracle["out"].values) < 1e-9)
  }
}
