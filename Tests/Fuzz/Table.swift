import CDMO
import Foundation

/// A plugin's tables whose every number and text comes from the input; only the pointers and the counts of what they
/// point
/// to are true, since nobody can check those.
func fuzzTable(_ bytes: [UInt8]) {
  let source = Source(bytes)
  let params = (0..<source.below(4)).map { _ in source.param() }
  let outputs = (0..<source.below(4)).map { _ in source.output() }
  let choices = (0..<2).map { _ in source.option() }
  params.withUnsafeBufferPointer { params in
    outputs.withUnsafeBufferPointer { outputs in
      choices.withUnsafeBufferPointer { choices in
        var spec = dmo_spec()
        spec.struct_size = source.size(MemoryLayout<dmo_spec>.size)
        spec.param_size = source.size(MemoryLayout<dmo_param>.stride)
        spec.output_size = source.size(MemoryLayout<dmo_output>.stride)
        spec.param_count = source.count(params.count)
        spec.output_count = source.count(outputs.count)
        (spec.params, spec.outputs) = (params.baseAddress, outputs.baseAddress)
        withUnsafePointer(to: spec) { spec in
          var problem = dmo_problem()
          problem.struct_size = source.size(MemoryLayout<dmo_problem>.size)
          problem.threads = source.word(mostly: 0)
          problem.flags = source.word(mostly: 1)
          problem.option_size = source.size(MemoryLayout<dmo_option>.stride)
          problem.option_count = source.count(choices.count)
          problem.options = choices.baseAddress
          (problem.id, problem.name, problem.summary) = (source.id(), source.text(), source.text())
          problem.spec = source.below(16) == 0 ? nil : spec
          problem.evaluate = { _, _, _ in 0 }
          withUnsafePointer(to: problem) { read($0, source) }
        }
      }
    }
  }
}

private func read(_ problem: UnsafePointer<dmo_problem>, _ source: Source) {
  let list: [UnsafePointer<dmo_problem>?] = [problem]
  list.withUnsafeBufferPointer { list in
    var plugin = dmo_plugin()
    plugin.struct_size = source.size(MemoryLayout<dmo_plugin>.size)
    (plugin.id, plugin.name, plugin.version) = (source.id(), source.text(), source.text())
    plugin.problem_count = source.below(16) == 0 ? 0 : 1
    plugin.problems = UnsafeRawPointer(list.baseAddress)?.assumingMemoryBound(to: UnsafePointer<dmo_problem>?.self)
    withUnsafePointer(to: plugin) { plugin in
      do {
        let (info, _) = try PluginLibrary.read(UnsafeRawPointer(plugin), TableReader(path: "/p.so"))
        try TableChecks(path: "/p.so").check(info)
        walk(info)
      } catch {}
    }
  }
}

/// What passed the checks must be usable.
private func walk(_ info: PluginInfo) {
  for problem in info.problems {
    guard let spec = problem.spec else { continue }
    _ = try? problem.optionTexts(["a": "1"], path: "/p.so")
    guard spec.space.dimension < 5000 && spec.outputs.dimension < 5000 else { continue }
    for i in 0..<spec.space.dimension {
      for z in [0, 0.3, 1] {
        precondition(spec.space.objection(to: spec.space.decode(z, at: i), at: i) == nil, "a decoded value is out of range")
      }
    }
    _ = (spec.space.labels, spec.outputs.labels, Goals(spec.outputs))
  }
}

/// Numbers and texts from the input, in turn; zeros after its end.
private final class Source {
  private let bytes: [UInt8]
  private var position = 0
  /// Texts live as long as the tables.
  private var texts: [UnsafeMutablePointer<CChar>] = []
  private var lists: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }
  deinit {
    for text in texts { text.deallocate() }
    for list in lists { list.deallocate() }
  }

  func byte() -> UInt8 {
    defer { position += 1 }
    return position < bytes.count ? bytes[position] : 0
  }
  func below(_ n: Int) -> Int { Int(byte()) % n }
  private func bits() -> UInt64 { (0..<8).reduce(0) { sum, _ in sum << 8 | UInt64(byte()) } }

  /// A usual number three times out of four.
  func word(mostly limit: Int) -> UInt32 {
    byte() & 3 != 0 ? UInt32(below(limit + 1)) : UInt32(truncatingIfNeeded: bits())
  }
  /// Never more than there is, often exactly that.
  func count(_ there: Int) -> UInt32 { byte() & 7 != 0 ? UInt32(there) : UInt32(below(there + 1)) }
  func size(_ true_: Int) -> UInt32 { byte() & 15 != 0 ? UInt32(true_) : UInt32(below(true_ + 1)) }

  func number() -> Double {
    switch below(6) {
    case 0: Double(bitPattern: bits())
    case 1: Double(Int8(bitPattern: byte()))
    case 2: 0
    case 3: 1
    case 4: Double(Int8(bitPattern: byte())) / 7
    default: [Double.nan, .infinity, -.infinity, 1e308, -1e308, 5e-324, 0x1p53, -0.0][below(8)]
    }
  }

  func text() -> UnsafePointer<CChar>? {
    let length = below(12)
    if length == 11 { return nil }
    return copy((0..<length).map { _ in byte() })
  }
  func id() -> UnsafePointer<CChar>? {
    byte() & 7 == 0 ? text() : copy((0..<1 + below(3)).map { _ in UInt8(ascii: "a") + byte() % 26 })
  }
  private func copy(_ bytes: [UInt8]) -> UnsafePointer<CChar> {
    // Exactly as long as it claims, so that a read beyond its end is seen.
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (k, byte) in bytes.enumerated() { text[k] = CChar(bitPattern: byte) }
    text[bytes.count] = 0
    texts.append(text)
    return UnsafePointer(text)
  }
  private func list() -> UnsafePointer<UnsafePointer<CChar>?>? {
    if byte() & 7 == 0 { return nil }
    let count = below(4)
    let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: count + 1)
    list.initialize(repeating: nil, count: count + 1)
    for k in 0..<count { list[k] = id() }
    lists.append(list)
    return UnsafePointer(list)
  }

  func param() -> dmo_param {
    var p = dmo_param()
    (p.id, p.name, p.unit) = (id(), text(), text())
    (p.kind, p.scale) = (word(mostly: 3), word(mostly: 1))
    (p.min, p.max, p.step) = (number(), number(), byte() & 3 == 0 ? number() : 0)
    p.choices = list()
    (p.count, p.columns) = (word(mostly: 6), word(mostly: 3))
    (p.periodic, p.has_initial, p.initial) = (word(mostly: 1), word(mostly: 1), number())
    return p
  }
  func output() -> dmo_output {
    var o = dmo_output()
    (o.id, o.name, o.unit) = (id(), text(), text())
    (o.role, o.count, o.columns, o.flags) = (word(mostly: 4), word(mostly: 6), word(mostly: 3), word(mostly: 1))
    (o.bound, o.scale) = (number(), number())
    return o
  }
  func option() -> dmo_option {
    var o = dmo_option()
    (o.kind, o.required) = (word(mostly: 5), word(mostly: 1))
    (o.key, o.help, o.unit, o.default_text) = (id(), text(), text(), text())
    (o.min, o.max) = (number(), number())
    o.choices = list()
    return o
  }
}
