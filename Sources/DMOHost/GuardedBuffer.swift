import CDMOHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory handed to a plugin: it ends right before a page that cannot be touched, and one lies before it, too.
///
/// A write past the end faults at once. The pages are whole, so a write shortly before the start hits a known pattern
/// instead, which `isIntact` checks.
final class GuardedBuffer {
  private static let page = sysconf(Int32(_SC_PAGESIZE))
  private static let pattern: UInt64 = 0xA5C3_96D2_E187_B44B
  /// Words of the pattern that are checked before the start.
  private static let patternWords = 16

  private let reserved: UnsafeMutableRawPointer
  private let reservedBytes: Int
  /// Where the plugin's view ends.
  private let viewEnd: UnsafeMutableRawPointer
  /// Where the host's own view ends; the same memory.
  private let hostEnd: UnsafeMutableRawPointer
  private let bytes: Int
  private let hasOwnView: Bool

  /// - Parameters:
  ///   - bytes: how many the plugin may use at most.
  ///   - readOnly: the plugin cannot write there. The host writes through a second mapping, so no call per evaluation
  ///     changes protections.
  /// - Throws: `PluginCallError` when the system has no memory left.
  init(bytes: Int, readOnly: Bool = false) throws(PluginCallError) {
    let page = Self.page
    let size = (max(bytes, 1) + Self.patternWords * 8 + page - 1) / page * page
    // Nothing is stored before all has succeeded, so that deinit never sees half a buffer.
    guard let all = mmap(nil, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), all != MAP_FAILED else {
      throw PluginCallError(.failed, "no memory for \(bytes) bytes of call buffers")
    }
    var end: UnsafeMutableRawPointer?
    if readOnly {
      let file = dmo_shared_memory(size)
      let view = mmap(all + page, size, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0)
      if view != MAP_FAILED, let own = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), own != MAP_FAILED {
        end = own + size
      }
      if file >= 0 { close(file) }
    } else if mprotect(all + page, size, PROT_READ | PROT_WRITE) == 0 {
      end = all + page + size
    }
    guard let end else {
      munmap(all, size + 2 * page)
      throw PluginCallError(.failed, "no memory for \(bytes) bytes of call buffers")
    }
    (reserved, reservedBytes, self.bytes, hasOwnView) = (all, size + 2 * page, size, readOnly)
    (viewEnd, hostEnd) = (all + page + size, end)
    let words = self.bytes / 8
    (hostEnd - self.bytes).bindMemory(to: UInt64.self, capacity: words).update(repeating: Self.pattern, count: words)
  }

  deinit {
    munmap(reserved, reservedBytes)
    if hasOwnView { munmap(hostEnd - bytes, bytes) }
  }

  /// The last `count` elements, as the host writes and reads them.
  func host<T>(_: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
    (hostEnd - count * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
  }

  /// The same elements, as the plugin gets them.
  func view<T>(_: T.Type, _ count: Int) -> UnsafeMutablePointer<T> {
    (viewEnd - count * MemoryLayout<T>.stride).assumingMemoryBound(to: T.self)
  }

  /// Whether the memory before the last `usedBytes` is untouched; restores it when it is not.
  func isIntact(usedBytes: Int) -> Bool {
    let start = (hostEnd - (usedBytes + 7) / 8 * 8).assumingMemoryBound(to: UInt64.self)
    var intact = true
    for word in 1...Self.patternWords where start[-word] != Self.pattern {
      start[-word] = Self.pattern
      intact = false
    }
    return intact
  }
}
