import CDMO
import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a plugin left behind in one call, before anything is judged.
package struct ProbeAnswer: Sendable {
  /// As the plugin returned it, whatever it is.
  package var status: Int32
  /// Every number as it lies in the buffer.
  package var y: [Double]
  package var message: String
  /// Whether the message ends within its capacity.
  package var hasEnd: Bool
  package var changedX: Bool
  package var wroteBeforeY: Bool
  package var wrotePastY: Bool
  package var wroteOutsideMessage: Bool

  package var isOK: Bool { status == DMO_OK }
  package var isFailed: Bool { status == DMO_FAILED }
  package var isInfeasible: Bool { status == DMO_INFEASIBLE }
  /// Whether the host's own NaN is still there.
  package func isUnwritten(_ k: Int) -> Bool { y[k].bitPattern == PluginInstance.unwritten.bitPattern }
}

/// Calls `evaluate()` with buffers of its own, in memory with much room around them, so that a plugin that writes
/// outside is found out by what it leaves and not by a crash. One probe serves one thread.
package final class EvaluationProbe {
  private static let margin = 512
  private static let filler: UInt64 = 0xA5C3_96D2_E187_B44B
  private static let letter: UInt8 = 0x5A

  private let instance: PluginInstance
  private let x: UnsafeMutablePointer<Double>
  private let y: UnsafeMutablePointer<UInt64>
  private let text: UnsafeMutablePointer<UInt8>
  private let call: UnsafeMutablePointer<dmo_call>
  private let result: UnsafeMutablePointer<dmo_result>
  private let textBytes = PluginInstance.messageBytes + 16 * EvaluationProbe.margin
  /// What lies around the buffers: the filler, and the letter.
  private let fillers: UnsafeMutablePointer<UInt64>
  private let letters: UnsafeMutablePointer<UInt8>

  package init(_ instance: PluginInstance) {
    self.instance = instance
    x = .allocate(capacity: instance.spec.space.dimension + 2 * Self.margin)
    y = .allocate(capacity: instance.spec.outputs.dimension + 2 * Self.margin)
    text = .allocate(capacity: textBytes)
    call = .allocate(capacity: 1)
    result = .allocate(capacity: 1)
    call.initialize(to: dmo_call())
    result.initialize(to: dmo_result())
    fillers = .allocate(capacity: instance.spec.outputs.dimension + 2 * Self.margin)
    fillers.initialize(repeating: Self.filler, count: instance.spec.outputs.dimension + 2 * Self.margin)
    letters = .allocate(capacity: textBytes)
    letters.initialize(repeating: Self.letter, count: textBytes)
  }

  deinit {
    fillers.deallocate()
    letters.deallocate()
    x.deallocate()
    y.deallocate()
    text.deallocate()
    call.deallocate()
    result.deallocate()
  }

  /// - Parameters:
  ///   - request: x of the right length, whatever its values.
  ///   - capacity: bytes of the message, 1 … 4096.
  /// - Complexity: the plugin's, and O(parameters + outputs).
  package func evaluate(_ request: EvaluationRequest, capacity: Int = PluginInstance.messageBytes) -> ProbeAnswer {
    let (n, m, margin) = (instance.spec.space.dimension, instance.spec.outputs.dimension, Self.margin)
    let ownX = x + margin
    ownX.update(from: request.x, count: n)
    memcpy(y, fillers, 8 * (m + 2 * margin))
    memcpy(text, letters, textBytes)
    let message = text + 8 * margin
    instance.fill(call, request, ownX)
    (y + margin).withMemoryRebound(to: Double.self, capacity: m) { own in
      message.withMemoryRebound(to: CChar.self, capacity: capacity) {
        instance.fill(result, own, $0, capacity)
      }
    }
    let status = instance.table.problem.evaluate?(instance.handle, call, result) ?? Int32(DMO_UNSUPPORTED)
    let written = UnsafeBufferPointer(start: message, count: capacity)
    let end = written.firstIndex(of: 0)
    return ProbeAnswer(
      status: status,
      y: (y + margin).withMemoryRebound(to: Double.self, capacity: m) {
        Array(UnsafeBufferPointer(start: $0, count: m))
      },
      message: TableChecks.readable(String(decoding: written[..<(end ?? capacity)], as: UTF8.self)), hasEnd: end != nil,
      changedX: request.x.withUnsafeBytes { memcmp($0.baseAddress ?? UnsafeRawPointer(ownX), ownX, 8 * n) != 0 },
      wroteBeforeY: memcmp(y, fillers, 8 * margin) != 0,
      wrotePastY: memcmp(y + margin + m, fillers, 8 * margin) != 0,
      wroteOutsideMessage: memcmp(text, letters, 8 * margin) != 0
        || memcmp(message + capacity, letters, textBytes - 8 * margin - capacity) != 0)
  }
}

extension PluginInstance {
  /// Asks `describe()` once more, or reads the static table once more. - Throws: `PluginError`
  package func describeAgain() throws(PluginError) -> ProblemSpec {
    let reader = TableReader(path: plugin.id, place: ["problem \(problem.id)"])
    guard let describe = table.problem.describe else { return try reader.spec(table.problem.spec) }
    return try reader.spec(describe(handle))
  }
}

extension PluginLibrary {
  /// Whether a problem answers anything to this extension id.
  package func answers(_ id: String, problem: Int) -> Bool { problems[problem].problem.extension?(id) != nil }

  /// The tables that are longer than this dmo's header knows, such as "dmo_problem (120 bytes)".
  package func longerTables() -> [String] {
    var found: [String] = []
    func note(_ name: String, _ size: UInt32, _ known: Int) {
      if Int(size) > known { found.append("\(name) (\(size) bytes)") }
    }
    for table in problems.map(\.problem) {
      note("dmo_problem", table.struct_size, MemoryLayout<dmo_problem>.size)
      if table.option_count > 0 { note("dmo_option", table.option_size, MemoryLayout<dmo_option>.size) }
      guard let spec = table.spec else { continue }
      note("dmo_spec", spec.pointee.struct_size, MemoryLayout<dmo_spec>.size)
      note("dmo_param", spec.pointee.param_size, MemoryLayout<dmo_param>.size)
      note("dmo_output", spec.pointee.output_size, MemoryLayout<dmo_output>.size)
    }
    return found
  }
}
