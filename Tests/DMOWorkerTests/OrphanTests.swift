import CDMOHost
import DMOHost
import DMOTestSupport
import Testing

@testable import DMOWorker

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

  @Test("empty folders that a killed dmo left are swept; those in use, of other names, or not empty stay")
  func sweeps() throws {
    let base = "\(Fixtures.folder)/sweep"
    mkdir(base, 0o700)
    for name in ["dmo-worker-abcdef", "dmo-worker-full00", "dmo-worker-abc", "dmo-abcdef", "other-abcdef"] {
      mkdir("\(base)/\(name)", 0o700)
    }
    mkdir("\(base)/dmo-worker-full00/kept", 0o700)
    mkdir("\(base)/elsewhere", 0o700)
    symlink("\(base)/elsewhere", "\(base)/dmo-worker-link00")
    let held = try #require(ScratchFolder.make(in: base))
    var information = stat()
    #expect(stat(held.path, &information) == 0 && information.st_mode & 0o777 == 0o700, "others could look inside")
    ScratchFolder.sweep(base)
    let own = held.path.split(separator: "/").last.map(String.init) ?? ""
    let left = ["dmo-worker-full00", "dmo-worker-abc", "dmo-abcdef", "other-abcdef", "elsewhere", "dmo-worker-link00", own]
    #expect(Set(names(in: base)) == Set(left))
    held.remove()
    #expect(!names(in: base).contains(own))
  }
}
