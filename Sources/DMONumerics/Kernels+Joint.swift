import CKernels

/// The loops of the joint network; see `dmo_joint.h` for the formulas and shapes. Nothing allocates.
extension Kernels {
  /// The most tokens of a row that `attention` takes, the class token included, and the most numbers of a head.
  public static let maximumTokens = Int(DMO_MAX_TOKENS)
  public static let maximumHead = Int(DMO_MAX_HEAD)

  /// What LayerNorm keeps for the way back: normalised rows, shape (rows, columns), and inverse standard deviations.
  public struct NormMemory {
    let xhat: FloatBuffer
    let inverseSD: FloatBuffer

    public init(rows: Int, columns: Int) {
      xhat = FloatBuffer(count: rows * columns)
      inverseSD = FloatBuffer(count: rows)
    }
  }

  /// out = gain · x̂ + shift, row by row; x, out (rows, columns).
  public static func layerNorm(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, gain: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, keeping memory: NormMemory, epsilon: Float = normEpsilon
  ) {
    dmo_layer_norm(rows, columns, x, gain, shift, epsilon, out, memory.xhat.base, memory.inverseSD.base)
  }

  /// dL/dout to dL/dx in place, and the gradients of gain and shift where wanted (both or none).
  public static func layerNormBackward(
    rows: Int, columns: Int, g: UnsafeMutablePointer<Float>, _ memory: NormMemory, gain: UnsafePointer<Float>,
    gainGradient: UnsafeMutablePointer<Float>?, shiftGradient: UnsafeMutablePointer<Float>?
  ) {
    dmo_layer_norm_backward(
      rows, columns, g, memory.xhat.base, memory.inverseSD.base, gain, gainGradient, shiftGradient)
  }

  /// The sizes of a multi-head attention.
  public struct AttentionShape: Sendable {
    public var rows, queries, tokens, heads, size: Int
    public init(rows: Int, queries: Int, tokens: Int, heads: Int, size: Int) {
      precondition(tokens <= maximumTokens && size <= maximumHead)
      self.rows = rows
      self.queries = queries
      self.tokens = tokens
      self.heads = heads
      self.size = size
    }
  }

  /// out = softmax(q kᵀ/√size) v for each row and head; `p` keeps the softmax.
  public static func attention(
    _ s: AttentionShape, q: UnsafePointer<Float>, kv: UnsafePointer<Float>, p: UnsafeMutablePointer<Float>,
    out: UnsafeMutablePointer<Float>
  ) {
    dmo_attention(s.rows, s.queries, s.tokens, s.heads, s.size, q, kv, p, out)
  }

  /// Sets dL/dq and dL/dkv from dL/dout.
  public static func attentionBackward(
    _ s: AttentionShape, q: UnsafePointer<Float>, kv: UnsafePointer<Float>, p: UnsafePointer<Float>,
    g: UnsafePointer<Float>, queryGradient: UnsafeMutablePointer<Float>, kvGradient: UnsafeMutablePointer<Float>
  ) {
    dmo_attention_backward(s.rows, s.queries, s.tokens, s.heads, s.size, q, kv, p, g, queryGradient, kvGradient)
  }

  /// The class token and each feature group's token; h (rows, 1 + tokens, width).
  public static func tokens(
    rows: Int, tokens: Int, width: Int, x: UnsafePointer<Float>, owner: [Int32], weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, cls: UnsafePointer<Float>, into h: UnsafeMutablePointer<Float>
  ) {
    dmo_tokens(rows, owner.count, tokens, width, x, owner, weight, bias, cls, h)
  }

  /// The gradients of `tokens` from dL/dh; those of weight, bias and cls all or none.
  public static func tokensBackward(
    rows: Int, tokens: Int, width: Int, x: UnsafePointer<Float>, owner: [Int32], weight: UnsafePointer<Float>,
    g: UnsafePointer<Float>, weightGradient: UnsafeMutablePointer<Float>?, biasGradient: UnsafeMutablePointer<Float>?,
    clsGradient: UnsafeMutablePointer<Float>?, inputGradient: UnsafeMutablePointer<Float>?
  ) {
    dmo_tokens_backward(
      rows, owner.count, tokens, width, x, owner, weight, g, weightGradient, biasGradient, clsGradient, inputGradient)
  }

  /// h += z + bias, row by row.
  public static func addResidual(
    rows: Int, columns: Int, _ z: UnsafePointer<Float>, bias: UnsafePointer<Float>, to h: UnsafeMutablePointer<Float>
  ) {
    dmo_add_residual(rows, columns, h, z, bias)
  }

  /// a += b.
  public static func add(count: Int, _ b: UnsafePointer<Float>, to a: UnsafeMutablePointer<Float>) {
    dmo_add(count, a, b)
  }

  /// Copies or adds rows of `columns` numbers that stand `stride` apart on either side.
  public static func moveRows(
    rows: Int, columns: Int, from: UnsafePointer<Float>, stride: Int, to: UnsafeMutablePointer<Float>,
    toStride: Int, adding: Bool = false
  ) {
    dmo_move_rows(rows, columns, from, stride, to, toStride, adding ? 1 : 0)
  }

  /// The weights of the joint loss: of each column, and of yes and no in the classifying ones; shape (columns) each.
  public struct JointLossWeights: Sendable {
    public var column: [Float]
    public var positive: [Float]
    public var negative: [Float]
    public init(column: [Float], positive: [Float], negative: [Float]) {
      self.column = column
      self.positive = positive
      self.negative = negative
    }
  }

  /// Huber losses of the first `regressions` columns and cross-entropies of the others, and the gradient g.
  public static func jointLoss(
    rows: Int, columns: Int, regressions: Int, _ o: UnsafePointer<Float>, _ y: UnsafePointer<Float>,
    rowWeight: UnsafePointer<Float>, weights: JointLossWeights, gradient g: UnsafeMutablePointer<Float>
  ) -> Double {
    dmo_joint_loss(
      rows, columns, regressions, o, y, rowWeight, weights.column, weights.positive, weights.negative, g)
  }

  /// Matérn-5/2 correlations from products of points that were divided by their lengthscales, and their derivatives by the
  /// squared distance.
  /// - Parameters: `own`, `others` squared lengths, shapes (rows) and (columns); `products` overwritten by the correlations
  ///   and `slope` set, shape (rows, columns).
  public static func matern52(
    rows: Int, columns: Int, own: UnsafePointer<Float>, others: UnsafePointer<Float>,
    products: UnsafeMutablePointer<Float>, slope: UnsafeMutablePointer<Float>
  ) {
    dmo_matern52(rows, columns, own, others, products, slope)
  }
}
