import DMOHost
import DMOTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Finding plugins")
struct PluginFinderTests {
  @Test("a bare name is found with and without lib and .so")
  func bareNames() throws {
    let path = Fixtures.plugin("Good/amp")
    let name = String(path.split(separator: "/").last ?? "")
    let finder = PluginFinder(folders: ["/nonexistent", Fixtures.folder])
    #expect(try finder.resolve(name) == path)
    #expect(try finder.resolve(String(name.dropLast(3))) == path)
    #expect(try finder.resolve(String(name.dropFirst(3).dropLast(3))) == path)
    #expect(finder.candidates().contains(path))
  }

  @Test("a name that is nowhere is refused with the folders searched")
  func nowhere() throws {
    let finder = PluginFinder(folders: ["/nonexistent/a", "/nonexistent/b"])
    let error = #expect(throws: PluginError.self) { try finder.resolve("lens") }
    #expect(error?.code == .notFound)
    #expect(error?.detail.contains("/nonexistent/a, /nonexistent/b") == true)
  }

  @Test("the search order is the variable, the user's folder, the program's, the system's")
  func order() {
    let variables = ["DMO_PLUGIN_PATH": "/p:/q", "HOME": "/home/u"]
    let finder = PluginFinder(environment: { variables[$0] }, executable: "/opt/bin/dmo")
    #expect(
      finder.folders == [
        "/p", "/q", "/home/u/.local/share/dmo/plugins", "/opt/bin", "/opt/bin/../lib/dmo/plugins",
        "/usr/local/lib/dmo/plugins", "/usr/lib/dmo/plugins",
      ])
  }

  @Test("a path and a folder are told apart")
  func paths() throws {
    #expect(throws: PluginError.self) { try PluginFinder(folders: []).resolve("./nothing.so") }
    let error = #expect(throws: PluginError.self) { try PluginFinder(folders: []).resolve("/tmp/") }
    #expect(error?.code == .notALibrary)
  }

  @Test("a plugin that everybody may change, or that lies in such a folder, is refused with the reason")
  func worldWritable() throws {
    let source = Fixtures.plugin("Good/amp")
    let folder = Fixtures.folder + "/open-\(getpid())"
    let library = folder + "/inner/libamp.so"
    mkdir(folder, 0o755)
    mkdir(folder + "/inner", 0o755)
    defer { for path in [library, folder + "/inner", folder] { remove(path) } }
    #expect(Fixtures.run(["/bin/cp", source, library]) == 0)
    #expect(throws: Never.self) { try PluginLibrary(path: library) }
    for (place, mode) in [(library, 0o757), (folder + "/inner", 0o777), (folder, 0o777)] as [(String, mode_t)] {
      chmod(place, mode)
      let error = #expect(throws: PluginError.self) { try PluginLibrary(path: library) }
      #expect(error?.code == .untrusted && error?.hint == "chmod o-w \(place)", "\(error?.description ?? "")")
      chmod(place, 0o755)
    }
    // As in /tmp: what is one's own is one's own.
    chmod(folder, 0o1777)
    #expect(throws: Never.self) { try PluginLibrary(path: library) }
    guard geteuid() == 0 else { return }
    chown(folder + "/inner", 12345, 12345)
    let error = #expect(throws: PluginError.self) { try PluginLibrary(path: library) }
    #expect(error?.code == .untrusted && error?.detail.contains("user 12345") == true)
  }
}
