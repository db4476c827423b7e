import Foundation

@testable import DMOSurrogates

/// A network that PyTorch worked through in double precision: see shared/oracle/README.md.
struct Oracle {
  struct Tensor: Decodable {
    let shape: [Int]
    let values: [Double]
  }
  private let tensors: [String: Tensor]
  let shape: MLPShape

  /// The folder of reference answers: `DMO_SHARED`, or `../shared` beside the repository.
  static var folder: URL {
    if let path = ProcessInfo.processInfo.environment["DMO_SHARED"] { return URL(fileURLWithPath: path) }
    return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("shared")
  }

  static func file(_ name: String) -> URL { folder.appendingPathComponent("oracle/mlp/\(name).json") }
  static var isPresent: Bool { FileManager.default.fileExists(atPath: file("mlp_torch_plain").path) }

  /// - Parameter name: `mlp_torch_plain` or `mlp_torch_layernorm`.
  init(_ name: String) throws {
    let data = try Data(contentsOf: Self.file(name))
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    var found: [String: Tensor] = [:]
    for (key, value) in object {
      guard let entry = value as? [String: Any], let values = entry["values"] as? [NSNumber],
        let shape = entry["shape"] as? [NSNumber]
      else { continue }
      found[key] = Tensor(shape: shape.map(\.intValue), values: values.map(\.doubleValue))
    }
    tensors = found
    let dims = found["dims"]?.values.map { Int($0) } ?? []
    shape = MLPShape(
      inputs: dims[0], hidden: Array(dims[1..<dims.count - 1]), outputs: dims[dims.count - 1],
      layerNorm: object["layernorm"] as? Bool ?? false)
  }

  subscript(key: String) -> Tensor { tensors[key] ?? Tensor(shape: [], values: []) }

  /// PyTorch's number of each layer in its `Sequential`, and dmo's place for each of its tensors.
  var places: [(name: String, offset: Int, count: Int)] {
    let stride = shape.layerNorm ? 3 : 2
    var result: [(name: String, offset: Int, count: Int)] = []
    for (l, layer) in shape.layers.enumerated() {
      result.append(("\(l * stride).weight", layer.weight, layer.inputs * layer.outputs))
      result.append(("\(l * stride).bias", layer.bias, layer.outputs))
      if let gain = layer.gain, let shift = layer.shift {
        result.append(("\(l * stride + 1).weight", gain, layer.outputs))
        result.append(("\(l * stride + 1).bias", shift, layer.outputs))
      }
    }
    return result
  }

  /// All tensors of a kind (`w0`, `g_mae`, …) in dmo's layout.
  func flat(_ kind: String) -> [Double] {
    var p = [Double](repeating: 0, count: shape.parameterCount)
    for (name, offset, count) in places {
      let values = self["\(kind).\(name)"].values
      precondition(values.count == count, "the oracle lacks \(kind).\(name)")
      p.replaceSubrange(offset..<offset + count, with: values)
    }
    return p
  }

  /// x, then xn: the batch's rows with each one's neighbours behind all of them.
  var allInputs: [Double] { self["x"].values + self["xn"].values }
  var allTargets: [Double] { self["y"].values + self["yn"].values }
  var rows: Int { self["x"].shape[0] }
  var degree: Int { self["xn"].shape[1] }
  /// Row i's neighbours are rows + i · degree … of `allInputs`.
  var neighbours: [Int32] { (0..<rows * degree).map { Int32(rows + $0) } }
}
