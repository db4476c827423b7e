import DMOHost
import DMOTestSupport
import Testing

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
}
