import DMONumerics

/// An FT-Transformer (Gorishniy et al. 2021, section 3.3): a token x_f w_f + b for every feature and a class token,
/// pre-norm
/// blocks of multi-head attention and feed-forward layers with GELU, and a linear head that reads the class token.
///
/// Several features may share a token, x ↦ Σ x_f w_f + b: those of one label or angle, and neighbouring parameters
/// where
/// there are more than 64. As in the paper the first block does not normalise before its attention. In the last block
/// only the class token asks, since nothing reads the others.
public struct FTTShape: Sendable, Equatable {
  /// Most tokens beside the class token; more parameters share tokens.
  public static let tokenLimit = 64

  /// Each input's token, ascending from 0; shape (inputs).
  public let owner: [Int32]
  public let tokens: Int
  public let width: Int
  public let heads: Int
  public let hidden: Int
  public let outputs: Int
  let feature: Int
  let bias: Int
  let cls: Int
  let blocks: [Block]
  let norm: NormPlace
  let head: LinearPlace
  /// Numbers in the flat parameter array, padding included.
  public let parameterCount: Int
  public var inputs: Int { owner.count }

  /// Where a block's tensors lie.
  struct Block: Sendable, Equatable {
    /// Nil in the first block.
    let attentionNorm: NormPlace?
    let query: LinearPlace
    /// Keys, then values.
    let keyValue: LinearPlace
    let out: LinearPlace
    let norm: NormPlace
    let up: LinearPlace
    let down: LinearPlace
  }

  /// - Parameters:
  ///   - groups: how many inputs belong to each parameter, in their order.
  ///   - width: numbers of a token.
  ///   - blocks: transformer blocks, one after the other.
  ///   - heads: of the attention; divides `width`.
  ///   - hidden: units between the two layers of a block's network.
  ///   - outputs: numbers that the class token is mapped to.
  /// - Precondition: all counts positive, `width` a multiple of `heads`, width / heads at most `Kernels.maximumHead`.
  public init(groups: [Int], width: Int, blocks: Int, heads: Int, hidden: Int, outputs: Int) {
    precondition(!groups.isEmpty && groups.allSatisfy { $0 > 0 } && width % heads == 0 && blocks > 0 && outputs > 0)
    let share = (groups.count + Self.tokenLimit - 1) / Self.tokenLimit
    owner = groups.enumerated().flatMap { Array(repeating: Int32($0.offset / share), count: $0.element) }
    tokens = (groups.count + share - 1) / share
    self.width = width
    self.heads = heads
    self.hidden = hidden
    self.outputs = outputs
    var layout = ParameterLayout()
    feature = layout.place(owner.count * width)
    bias = layout.place(tokens * width)
    cls = layout.place(width)
    self.blocks = (0..<blocks).map { b in
      Block(
        attentionNorm: b == 0 ? nil : layout.norm(width), query: layout.linear(width, width),
        keyValue: layout.linear(width, 2 * width), out: layout.linear(width, width), norm: layout.norm(width),
        up: layout.linear(width, hidden), down: layout.linear(hidden, width))
    }
    norm = layout.norm(width)
    head = layout.linear(width, outputs)
    parameterCount = layout.end
  }
}
