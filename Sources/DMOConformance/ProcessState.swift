import CDMOHost
import Foundation

/// What belongs to the whole process, and that a plugin must leave as it was.
struct ProcessState: Equatable {
  var folder = ""
  var mask: mode_t = 0
  var locale = ""
  var floating: UInt32 = 0
  var handlers: [UInt] = []
  var environment: [String] = []

  /// As it is now. - Complexity: about 70 system calls.
  static func now() -> ProcessState {
    var state = ProcessState()
    state.folder = FileManager.default.currentDirectoryPath
    state.mask = umask(0)
    umask(state.mask)
    state.locale = setlocale(LC_ALL, nil).map { String(cString: $0) } ?? ""
    state.floating = dmo_floating_mode()
    state.handlers = Array(repeating: 0, count: Int(DMO_SIGNALS))
    state.handlers.withUnsafeMutableBufferPointer { dmo_signal_handlers($0.baseAddress) }
    if let list = dmo_environment() {
      while let entry = list[state.environment.count] { state.environment.append(String(cString: entry)) }
    }
    return state
  }

  /// What differs from the state before, in words; empty when nothing does.
  func changes(since before: ProcessState, floating compares: Bool = true) -> String {
    var found: [String] = []
    if folder != before.folder { found.append("the working directory became \(folder)") }
    if mask != before.mask { found.append("the umask became \(String(mask, radix: 8))") }
    if locale != before.locale { found.append("the locale became \(locale)") }
    if compares && floating != before.floating { found.append("the rounding or flush-to-zero mode was changed") }
    for number in handlers.indices where handlers[number] != before.handlers[number] {
      found.append("the handler of signal \(number) was replaced")
    }
    let (new, old) = (Set(environment), Set(before.environment))
    let names = new.symmetricDifference(old).map { String($0.prefix { $0 != "=" }) }
    if !names.isEmpty {
      found.append("environment variables were changed: \(Set(names).sorted().joined(separator: ", "))")
    }
    return found.joined(separator: "; ")
  }
}

/// What a process holds.
struct Holdings {
  var threads, descriptors: Int
  /// Handed out by malloc, in bytes.
  var heap: Int
  /// Resident memory, in bytes.
  var resident: Int

  static func now() -> Holdings {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)).flatMap {
      $0.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    return Holdings(
      threads: entries("/proc/self/task"), descriptors: entries("/proc/self/fd"), heap: dmo_heap_bytes(),
      resident: (pages ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))))
  }

  static func entries(_ folder: String) -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: folder).count) ?? 0
  }

  /// The child processes of this one, however deep they were forked.
  static func children() -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { pid in
      guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
      else { return false }
      let fields = text[text.index(after: end)...].split(separator: " ")
      return fields.count > 1 && pid_t(fields[1]) == getpid()
    }
  }
}

/// Collects what is printed to descriptors 1 and 2 while a body runs.
enum Printed {
  static func during<T>(_ body: () throws -> T) throws -> (T, String) {
    var capture = dmo_capture(file: -1, out: -1, error: -1)
    guard dmo_capture_start(&capture) == 0 else { throw Broken(.skip("the system has no descriptors left")) }
    defer { if capture.file >= 0 { close(capture.file) } }
    let result = Result { try body() }
    dmo_capture_stop(&capture)
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = pread(capture.file, &bytes, bytes.count, 0)
    return (try result.get(), String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self))
  }

  /// One line of at most 200 characters.
  static func short(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " | ")
    return line.count > 200 ? line.prefix(200) + "…" : line
  }
}
