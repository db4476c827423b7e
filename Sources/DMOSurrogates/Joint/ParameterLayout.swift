/// Hands out places in a network's flat parameter array.
///
/// Every tensor starts on a cache line of 16 floats; the padding stays 0 through training, as its gradient is 0.
struct ParameterLayout {
  /// Numbers placed so far, padding included.
  private(set) var end = 0

  mutating func place(_ count: Int) -> Int {
    defer { end += (count + 15) / 16 * 16 }
    return end
  }

  /// A linear layer's weight (outputs, inputs) and bias.
  mutating func linear(_ inputs: Int, _ outputs: Int) -> LinearPlace {
    LinearPlace(inputs: inputs, outputs: outputs, weight: place(inputs * outputs), bias: place(outputs))
  }

  mutating func norm(_ width: Int) -> NormPlace { NormPlace(width: width, gain: place(width), shift: place(width)) }
}

/// Where a linear layer lies in the flat parameter array.
public struct LinearPlace: Sendable, Equatable {
  public let inputs: Int
  public let outputs: Int
  /// Row major, shape (outputs, inputs).
  public let weight: Int
  /// Shape (outputs).
  public let bias: Int
}

/// Where a LayerNorm lies in the flat parameter array; shape (width) each.
public struct NormPlace: Sendable, Equatable {
  public let width: Int
  public let gain: Int
  public let shift: Int
}
