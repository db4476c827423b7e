import CDMOHost
import DMOHost
import DMOTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("When dmo itself dies")
struct OrphanTests {
  /// Starts the test worker as a dmo with a folder of its own for scratch folders.
  private func start(_ words: [String], scratch: String) throws -> pid_t {
    mkdir(scratch, 0o700)
    let all = ["/usr/bin/env", "TMPDIR=\(scratch)", Fixtures.settings().executable] + words
    var arguments: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) }
    arguments.append(nil)
    defer { for text in arguments { free(text) } }
    var pid: pid_t = 0
    try #require(posix_spawn(&pid, all[0], nil, nil, &arguments, dmo_environment()) == 0)
    return pid
  }

  @Test("kill -9 of dmo leaves no worker and no scratch folder behind, even when the worker hangs")
  func killed() throws {
    let file = "\(Fixtures.folder)/hold.pid"
    let scratch = "\(Fixtures.folder)/hold"
    let dmo = try start(["hold", Fixtures.plugin("Hostile/misbehave"), file], scratch: scratch)
    var worker: pid_t = 0
    let started = eventually(seconds: 10) {
      guard let input = fopen(file, "r") else { return false }
      defer { fclose(input) }
      var line = [CChar](repeating: 0, count: 32)
      guard fgets(&line, 32, input) != nil else { return false }
      worker = pid_t(atoi(line))
      return worker > 0
    }
    #expect(!started || names(in: scratch).count == 1)
    kill(dmo, SIGKILL)
    waitpid(dmo, nil, 0)
    try #require(started)
    #expect(eventually { kill(worker, 0) != 0 || isZombie(worker) })
    #expect(names(in: scratch).isEmpty)
  }

  @Test("a dmo that just exits leaves no scratch folder behind")
  func exits() throws {
    let scratch = "\(Fixtures.folder)/leave"
    let dmo = try start(["leave", Fixtures.plugin("Hostile/misbehave")], scratch: scratch)
    var status: Int32 = -1
    waitpid(dmo, &status, 0)
    #expect(status == 0)
    #expect(eventually { names(in: scratch).isEmpty })
  }
}
