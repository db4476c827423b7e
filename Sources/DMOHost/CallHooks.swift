import CDMO
import CDMOHost

/// What `cancelled()` and `progress()` of a call reach. Lives as long as the instance.
final class CallHooks: Sendable {
  // The flag is written and read atomically (dmo_load_byte), and outlives the instance by `PluginInstance`'s contract.
  nonisolated(unsafe) let flag: UnsafePointer<UInt8>?
  let progress: (@Sendable (UInt64, Double) -> Void)?

  init(flag: UnsafePointer<UInt8>?, progress: (@Sendable (UInt64, Double) -> Void)?) {
    self.flag = flag
    self.progress = progress
  }

  static let cancelled: @convention(c) (UnsafePointer<dmo_call>?) -> Int32 = { call in
    guard let hooks = CallHooks.of(call), let flag = hooks.flag else { return 0 }
    return Int32(dmo_load_byte(flag))
  }

  static let report: @convention(c) (UnsafePointer<dmo_call>?, Double) -> Void = { call, fraction in
    guard let call, let hooks = CallHooks.of(call), let progress = hooks.progress, !fraction.isNaN else { return }
    progress(call.pointee.eval_id, min(max(fraction, 0), 1))
  }

  private static func of(_ call: UnsafePointer<dmo_call>?) -> CallHooks? {
    guard let data = call?.pointee.host_data else { return nil }
    return Unmanaged<CallHooks>.fromOpaque(data).takeUnretainedValue()
  }
}
