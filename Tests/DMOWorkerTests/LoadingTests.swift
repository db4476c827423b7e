import DMOCore
import DMOHost
import DMOTestSupport
import DMOWorker
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Plugins that cannot be used")
struct LoadingTests {
  private func refusal(_ selection: PluginSelection) -> PluginError? {
    #expect(throws: PluginError.self) {
      try WorkerPool(selection, settings: Fixtures.settings()).shutdown()
    }
  }

  private func refusal(_ path: String) -> PluginError? { refusal(PluginSelection(path: path)) }

  @Test("a missing file, a text file, and a cut library each have their own message")
  func files() {
    #expect(refusal("/nonexistent/libx.so")?.code == .notFound)
    let text = refusal(Fixtures.file("libtext.so", "this is no library, but long enough to be read as a header of one\n"))
    #expect(text?.code == .notALibrary)
    #expect(text?.detail.contains("invalid ELF header") == true, "\(text?.detail ?? "")")
    #expect(refusal(Fixtures.file("libshort.so", "short"))?.detail.contains("file too short") == true)
  }

  @Test("an undefined symbol is named when the plugin is loaded, not when it is called")
  func undefinedSymbol() {
    let path = Fixtures.plugin("Hostile/table", ["CONSTRUCTOR=nowhere()"])
    let error = refusal(path)
    #expect(error?.code == .loadFailed)
    #expect(error?.detail.contains("undefined symbol: nowhere") == true, "\(error?.detail ?? "")")
  }

  @Test("a library that is no plugin, and a plugin of another major version, are told apart")
  func entries() {
    #expect(refusal(Fixtures.plugin("Hostile/table", ["ENTRY=something_else"]))?.code == .missingEntry)
    let newer = refusal(Fixtures.plugin("Hostile/table", ["ENTRY=dmo_plugin_v2"]))
    #expect(newer?.code == .wrongMajor)
    #expect(newer?.detail == "exports dmo_plugin_v2; this dmo speaks version 1")
  }

  @Test("a plugin that dies while it is loaded is reported with how it died")
  func constructors() {
    let crash = refusal(Fixtures.plugin("Hostile/table", ["CONSTRUCTOR=*(volatile int *)8=1"]))
    #expect(crash?.code == .died && crash?.detail.contains("SIGSEGV") == true)
    let exit = refusal(Fixtures.plugin("Hostile/table", ["CONSTRUCTOR=_exit(0)"], flags: ["-include", "unistd.h"]))
    #expect(exit?.code == .died && exit?.detail.contains("exited with status 0") == true)
  }

  @Test("a plugin that hangs while it is loaded is given up")
  func hangs() {
    var settings = Fixtures.settings()
    settings.startTimeout = 0.3
    let path = Fixtures.plugin("Hostile/table", ["CONSTRUCTOR=for(;;)pause()"], flags: ["-include", "unistd.h"])
    let error = #expect(throws: PluginError.self) {
      try WorkerPool(PluginSelection(path: path), settings: settings).shutdown()
    }
    #expect(error?.code == .timedOut)
  }

  @Test("an unknown problem, an unknown option and a bad value name what there is instead")
  func choices() {
    let path = Fixtures.plugin("Good/amp")
    let problem = refusal(PluginSelection(path: path, problem: "lens"))
    #expect(problem?.code == .unknownProblem && problem?.hint == "its problems are amp")
    let option = refusal(PluginSelection(path: path, options: ["fctor": "1"]))
    #expect(option?.code == .unknownOption && option?.hint == "its options are factor, corner, top")
    let value = refusal(PluginSelection(path: path, options: ["factor": "3"]))
    #expect(value?.code == .badOption && value?.detail.contains("outside 0.5 … 2.0") == true)
    let word = refusal(PluginSelection(path: path, options: ["corner": "ff"]))
    #expect(word?.code == .badOption && word?.detail.contains("choose one of tt, ss") == true)
    let refused = refusal(PluginSelection(path: path, options: ["corner": "ss"]))
    #expect(refused?.code == .createFailed)
    #expect(refused?.detail.contains("unsupported: the corner ss has no models") == true, "\(refused?.detail ?? "")")
    let bounds = refusal(PluginSelection(path: path, options: ["top": "0"]))
    #expect(bounds?.code == .badTable && bounds?.detail.contains("min 1.0 is above max 0.0") == true)
  }

  @Test("a program that is no worker, and one that is not there, are errors")
  func programs() {
    var settings = Fixtures.settings()
    let selection = PluginSelection(path: Fixtures.plugin("Good/amp"))
    settings.executable = "/bin/true"
    let error = #expect(throws: PluginError.self) { try WorkerPool(selection, settings: settings).shutdown() }
    #expect(error?.code == .died)
    settings.executable = "/nonexistent/dmo"
    let system = #expect(throws: EvaluatorError.self) { try WorkerPool(selection, settings: settings).shutdown() }
    #expect(system?.code == .system)
  }

  @Test("a scan describes good files and says why others are refused, without loading one here")
  func scan() throws {
    let scanner = PluginScanner(settings: Fixtures.settings())
    // A copy of its own: other tests open the plain one in this process.
    let path = Fixtures.plugin("Good/amp", ["SCANNED"])
    let plugin = try scanner.describe(path)
    #expect(plugin.id == "org.example.amp" && plugin.version == "1.2.3")
    #expect(plugin.problems[0].spec == nil && plugin.problems[0].options.map(\.key) == ["factor", "corner", "top"])
    #expect(plugin.problems[0].extensions.names.count == 6)
    #expect(plugin.problems[0].fidelities.map(\.id) == ["full", "half"])
    let problem = try scanner.describe(PluginSelection(path: path, options: ["top": "50"])).problem
    #expect(problem.spec?.space.parameters[0].max == 50)
    #expect(throws: PluginError.self) { try scanner.describe(Fixtures.plugin("Hostile/table", ["ENTRY=other"])) }
    #expect(!isMapped(path))
  }

  private func isMapped(_ path: String) -> Bool {
    guard let file = fopen("/proc/self/maps", "r") else { return true }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, 4096, file) != nil {
      if line.withUnsafeBufferPointer({ $0.baseAddress.map { String(cString: $0) } ?? "" }).contains(path + "\n") {
        return true
      }
    }
    return false
  }
}
