import CDMOHost
import DMOHost
import DMOWorker
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Plugins for tests, compiled from `Tests/Fixtures` when a test first asks for them.
public enum Fixtures {
  /// Where the repository lies.
  public static let root: String =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

  /// A folder of this run's own; removed when the run ends.
  public static let folder: String = {
    var template = Array("/tmp/dmo-tests-XXXXXX".utf8CString)
    _ = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
    atexit {
      Fixtures.run(["/bin/rm", "-rf", Fixtures.folder])
    }
    return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "/tmp" }
  }()

  private static let built = Mutex<[String: String]>([:])

  /// The shared library made of `Tests/Fixtures/<source>.c` with these definitions, such as `PARAM=.min = NAN`.
  public static func plugin(_ source: String, _ definitions: [String] = [], flags: [String] = []) -> String {
    let key = ([source] + definitions + flags).joined(separator: "|")
    return built.withLock { built in
      if let path = built[key] { return path }
      let name = source.split(separator: "/").last.map(String.init) ?? source
      let path = "\(folder)/lib\(name)\(built.count).so"
      let status = run(
        ["/usr/bin/cc", "-std=gnu11", "-O1", "-w", "-shared", "-fPIC", "-fvisibility=hidden", "-I\(root)/SDK/include"]
          + definitions.map { "-D\($0)" } + flags + ["\(root)/Tests/Fixtures/\(source).c", "-o", path, "-lm"])
      precondition(status == 0, "cc does not compile \(source) with \(definitions)")
      built[key] = path
      return path
    }
  }

  /// A file with this text.
  public static func file(_ name: String, _ text: String) -> String {
    let path = "\(folder)/\(name)"
    guard let file = fopen(path, "w") else { return path }
    fputs(text, file)
    fclose(file)
    return path
  }

  /// Runs a program and waits for it. - Returns: its wait status.
  @discardableResult
  public static func run(_ arguments: [String]) -> Int32 {
    var list: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    list.append(nil)
    defer { for text in list { free(text) } }
    var pid: pid_t = 0
    guard posix_spawn(&pid, arguments[0], nil, nil, list, dmo_environment()) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  /// Worker settings whose program is the test worker that lies beside the tests.
  public static func settings(
    jobs: Int = 1, timeout: Double? = 20, onEvent: (@Sendable (WorkerSettings.Event) -> Void)? = nil
  ) -> WorkerSettings {
    let own = PluginFinder.executablePath ?? ""
    let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let local = "\(folder)/dmo-test-worker"
    // `swift test` runs tests within a helper of the toolchain on some versions.
    let path = access(local, X_OK) == 0 ? local : "\(root)/.build/debug/dmo-test-worker"
    return WorkerSettings(
      executable: path, arguments: [], jobs: jobs, evaluationTimeout: timeout, startTimeout: 10, killGrace: 0.3,
      onEvent: onEvent)
  }
}
