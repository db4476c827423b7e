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
  @Test("kill -9 of dmo leaves no worker behind, even one that hangs")
  func orphans() throws {
    let file = "\(Fixtures.folder)/hold.pid"
    let program = Fixtures.settings().executable
    let words = [program, "hold", Fixtures.plugin("Hostile/misbehave"), file]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for text in arguments { free(text) } }
    var dmo: pid_t = 0
    try #require(posix_spawn(&dmo, program, nil, nil, &arguments, dmo_environment()) == 0)
    var worker: pid_t = 0
    let started = eventually(seconds: 10) {
      guard let input = fopen(file, "r") else { return false }
      defer { fclose(input) }
      var line = [CChar](repeating: 0, count: 32)
      guard fgets(&line, 32, input) != nil else { return false }
      worker = pid_t(atoi(line))
      return worker > 0
    }
    kill(dmo, SIGKILL)
    waitpid(dmo, nil, 0)
    try #require(started)
    #expect(eventually { kill(worker, 0) != 0 || isZombie(worker) })
  }
}
