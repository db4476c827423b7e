/// A residual multilayer perceptron: h = gelu(W x + b), then blocks h += V gelu(U h + c) + d, then a linear output
/// layer of
/// h, to which a linear map of x is added: few points tell a slope long before they tell a shape.
public struct ResidualMLPShape: Sendable, Equatable {
  public let inputs: Int
  public let width: Int
  public let outputs: Int
  let stem: LinearPlace
  let blocks: [(up: LinearPlace, down: LinearPlace)]
  let head: LinearPlace
  /// Its bias stays unused.
  let skip: LinearPlace
  /// Numbers in the flat parameter array, padding included.
  public let parameterCount: Int

  /// - Precondition: all counts positive; `blocks` may be 0.
  public init(inputs: Int, width: Int, blocks: Int, outputs: Int) {
    precondition(inputs > 0 && width > 0 && blocks >= 0 && outputs > 0)
    self.inputs = inputs
    self.width = width
    self.outputs = outputs
    var layout = ParameterLayout()
    stem = layout.linear(inputs, width)
    self.blocks = (0..<blocks).map { _ in (layout.linear(width, width), layout.linear(width, width)) }
    head = layout.linear(width, outputs)
    skip = layout.linear(inputs, outputs)
    parameterCount = layout.end
  }

  public static func == (a: ResidualMLPShape, b: ResidualMLPShape) -> Bool {
    a.inputs == b.inputs && a.width == b.width && a.outputs == b.outputs && a.blocks.count == b.blocks.count
  }
}
