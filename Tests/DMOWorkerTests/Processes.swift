import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

final class Counter: Sendable {
  private let count = Mutex(0)
  func add() { count.withLock { $0 += 1 } }
  var value: Int { count.withLock { $0 } }
}

/// Values collected from any thread.
final class Shared<T: Sendable>: Sendable {
  private let list = Mutex<[T]>([])
  func add(_ value: T) { list.withLock { $0.append(value) } }
  var values: [T] { list.withLock { $0 } }
}

/// Whether the condition holds within two seconds.
func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<200 {
    if condition() { return true }
    usleep(10_000)
  }
  return condition()
}

func names(in folder: String) -> [String] {
  guard let handle = opendir(folder) else { return [] }
  defer { closedir(handle) }
  var result: [String] = []
  while let entry = readdir(handle) {
    result.append(
      withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      })
  }
  return result.filter { $0 != "." && $0 != ".." }
}

func scratchFolders() -> Set<String> { Set(names(in: "/tmp").filter { $0.hasPrefix("dmo-") }) }

/// How many descriptors this process has open.
func openDescriptors() -> Int { names(in: "/proc/self/fd").count }

/// State and parent of a process, from /proc.
private func status(_ pid: pid_t) -> (state: String, parent: pid_t)? {
  guard let file = fopen("/proc/\(pid)/stat", "r") else { return nil }
  defer { fclose(file) }
  var bytes = [CChar](repeating: 0, count: 1024)
  guard fgets(&bytes, 1024, file) != nil else { return nil }
  let text = bytes.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  guard let end = text.lastIndex(of: ")") else { return nil }
  let fields = text[text.index(after: end)...].split(separator: " ")
  return fields.count > 1 ? (String(fields[0]), pid_t(fields[1]) ?? 0) : nil
}

func isZombie(_ pid: pid_t) -> Bool { status(pid)?.state == "Z" }

private var allProcesses: [pid_t] { names(in: "/proc").compactMap { pid_t($0) } }

/// The children of this process.
func children() -> [pid_t] { allProcesses.filter { status($0)?.parent == getpid() } }
