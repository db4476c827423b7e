import CDMO
import CLtdl
import DMOCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A plugin's shared library, opened and its tables read and checked. Never unloaded.
///
/// Opening runs the plugin's own code (its constructors and its entry), so this belongs in a worker process.
public final class PluginLibrary {
  /// The file.
  public let path: String
  /// The tables as values.
  public let info: PluginInfo
  /// As `info.problems`.
  let problems: [ProblemTable]
  /// How long `dmo_plugin_v1()` took, in seconds.
  package let entrySeconds: Double
  let entry: Entry
  private let host: UnsafePointer<dmo_host>

  typealias Entry = @convention(c) (UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>?

  /// A problem's own tables, copied.
  struct ProblemTable {
    var problem = dmo_problem()
    var gradient: dmo_gradient?
    var batch: dmo_batch?
    var composite: dmo_composite?
    var reference: dmo_reference?
    var artifacts: dmo_artifacts?
    /// Ranks that may evaluate together; nil: one only.
    var mostRanks: Int?
  }

  /// Opens the file and reads its tables.
  /// - Throws: `PluginError`: not found, not a library, one that everybody may change, not a plugin, another major
  /// version, a table that breaks a
  /// rule.
  public init(path: String, host settings: HostSettings = HostSettings()) throws(PluginError) {
    // Without a slash the loader would search folders of its own.
    let path = path.contains("/") ? path : "./" + path
    self.path = path
    if let objection = PluginTrust.objection(to: path) { throw objection }
    let handle = try Self.open(path)
    entry = try Self.entry(handle, path)
    host = HostTable.make(settings)
    let start = Self.seconds()
    let table = entry(host)
    entrySeconds = Self.seconds() - start
    (info, problems) = try Self.read(table, path)
    try TableChecks(path: path).check(info)
  }

  /// Asks `dmo_plugin_v1()` once more. - Throws: `PluginError`, as the initialiser.
  package func readAgain() throws(PluginError) -> PluginInfo { try Self.read(entry(host), path).0 }

  private static func seconds() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  private static func read(
    _ table: UnsafePointer<dmo_plugin>?, _ path: String
  ) throws(PluginError) -> (PluginInfo, [ProblemTable]) {
    guard let table else {
      throw PluginError(.loadFailed, path: path, detail: "dmo_plugin_v1() answered NULL: the plugin cannot run here")
    }
    return try read(UnsafeRawPointer(table), TableReader(path: path))
  }

  /// libltdl is not safe for threads.
  private static let ltdl = Mutex<Bool>(false)

  private struct Handle: @unchecked Sendable {
    // A token of the loader, valid in every thread; never closed.
    let raw: lt_dlhandle
  }

  private static func open(_ path: String) throws(PluginError) -> lt_dlhandle {
    let opened: Result<Handle, PluginError> = ltdl.withLock { started in
      if !started && lt_dlinit() != 0 {
        return .failure(PluginError(.loadFailed, path: path, detail: "libltdl does not start: \(loaderText())"))
      }
      started = true
      var advice: lt_dladvise?
      lt_dladvise_init(&advice)
      defer { lt_dladvise_destroy(&advice) }
      // Resident: code that a plugin registered (exit handlers, thread locals) outlives a dlclose. Local: two plugins
      // may define the same names.
      lt_dladvise_resident(&advice)
      lt_dladvise_local(&advice)
      guard let handle = lt_dlopenadvise(path, advice) else { return .failure(reason(path)) }
      return .success(Handle(raw: handle))
    }
    return try opened.get().raw
  }

  private static func loaderText() -> String { lt_dlerror().map { String(cString: $0) } ?? "no reason given" }

  /// libltdl says "file not found" for most causes; the loader itself knows better.
  private static func reason(_ path: String) -> PluginError {
    let fallback = loaderText()
    guard access(path, R_OK) == 0 else {
      return PluginError(
        errno == ENOENT ? .notFound : .loadFailed, path: path, detail: String(cString: strerror(errno)),
        hint: "check the path given to --plugin")
    }
    let isELF = startsWithELF(path)
    guard dlopen(path, RTLD_NOW | RTLD_LOCAL) == nil else {
      return PluginError(.loadFailed, path: path, detail: fallback)
    }
    var text = dlerror().map { String(cString: $0) } ?? fallback
    if text.hasPrefix(path + ": ") { text.removeFirst(path.utf8.count + 2) }
    return isELF
      ? PluginError(
        .loadFailed, path: path, detail: text, hint: "see which libraries it needs: ldd \(path)")
      : PluginError(
        .notALibrary, path: path, detail: "not a shared library: \(text)",
        hint: "give the plugin's shared library, lib*.so")
  }

  private static func startsWithELF(_ path: String) -> Bool {
    guard let file = fopen(path, "r") else { return false }
    defer { fclose(file) }
    return [0x7F, 0x45, 0x4C, 0x46].allSatisfy { fgetc(file) == $0 }
  }

  private static func entry(
    _ handle: lt_dlhandle, _ path: String
  ) throws(PluginError) -> Entry {
    if let symbol = lt_dlsym(handle, "dmo_plugin_v1") {
      // The name fixes the type: dmo_plugin_v1_fn of dmo.h.
      return unsafeBitCast(symbol, to: Entry.self)
    }
    for major in 2...9 where lt_dlsym(handle, "dmo_plugin_v\(major)") != nil {
      throw PluginError(
        .wrongMajor, path: path, detail: "exports dmo_plugin_v\(major); this dmo speaks version \(DMO_ABI_MAJOR)",
        hint: "use a newer dmo, or build the plugin with this dmo's dmo.h")
    }
    throw PluginError(
      .missingEntry, path: path, detail: "a shared library, but not a dmo plugin: it does not export dmo_plugin_v1",
      hint: "define dmo_plugin_v1 with DMO_EXPORT, as dmo.h declares it (in C++: extern \"C\")")
  }

  /// The tables that an entry answered with, not checked yet.
  static func read(
    _ address: UnsafeRawPointer, _ reader: TableReader
  ) throws(PluginError) -> (PluginInfo, [ProblemTable]) {
    let plugin = try reader.table(address, dmo_plugin.self, minimum: 72, "dmo_plugin")
    guard plugin.problem_count <= TableLimits.rows else {
      throw reader.error("\(plugin.problem_count) problems; at most \(TableLimits.rows) are allowed")
    }
    var infos: [ProblemInfo] = []
    var tables: [ProblemTable] = []
    for index in 0..<Int(plugin.problem_count) {
      guard let list = plugin.problems else { throw reader.error("the table of problems is NULL") }
      let (info, table) = try read(UnsafeRawPointer(list[index]), index, reader)
      infos.append(info)
      tables.append(table)
    }
    let info = PluginInfo(
      id: try reader.text(plugin.id, "id", required: true), name: try reader.text(plugin.name, "name", required: true),
      version: try reader.text(plugin.version, "version", required: true),
      vendor: try reader.text(plugin.vendor, "vendor"), license: try reader.text(plugin.license, "license"),
      url: try reader.text(plugin.url, "url"), abiMinor: plugin.abi_minor, problems: infos)
    return (info, tables)
  }

  private static func read(
    _ address: UnsafeRawPointer?, _ index: Int, _ plugin: TableReader
  ) throws(PluginError) -> (ProblemInfo, ProblemTable) {
    var reader = plugin.at("problem \(index)")
    let p = try reader.table(address, dmo_problem.self, minimum: 104, "dmo_problem")
    let id = try reader.text(p.id, "id", required: true)
    reader = plugin.at("problem \(id)")
    guard p.evaluate != nil else { throw reader.error("evaluate is NULL") }
    guard let threads = ThreadSafety(rawValue: p.threads) else {
      throw reader.error("threads is \(p.threads); dmo.h defines 0 to 2")
    }
    if p.spec != nil && p.describe != nil { throw reader.error("spec and describe() are both set; set one") }
    if p.spec == nil && p.describe == nil { throw reader.error("neither spec nor describe() is set") }
    if p.describe != nil && p.create == nil { throw reader.error("describe() needs create()") }
    var table = ProblemTable(problem: p)
    var info = ProblemInfo(
      id: id, name: try reader.text(p.name, "name"), summary: try reader.text(p.summary, "summary"), threads: threads,
      flags: ProblemFlags(rawValue: p.flags), options: try reader.options(p), extensions: [],
      spec: p.spec == nil ? nil : try reader.spec(p.spec))
    try readExtensions(&table, &info, reader)
    return (info, table)
  }

  private static func readExtensions(
    _ table: inout ProblemTable, _ info: inout ProblemInfo, _ reader: TableReader
  ) throws(PluginError) {
    guard let find = table.problem.extension else { return }
    func missing(_ what: String) -> PluginError { reader.error("\(what) is NULL") }
    if let address = find(DMO_EXT_GRADIENT) {
      let gradient = try reader.table(address, dmo_gradient.self, minimum: 24, DMO_EXT_GRADIENT)
      guard gradient.vjp != nil else { throw missing("\(DMO_EXT_GRADIENT): vjp") }
      table.gradient = gradient
      info.extensions.formUnion(gradient.jvp == nil ? .vjp : [.vjp, .jvp])
    }
    if let address = find(DMO_EXT_BATCH) {
      let batch = try reader.table(address, dmo_batch.self, minimum: 16, DMO_EXT_BATCH)
      guard batch.evaluate != nil else { throw missing("\(DMO_EXT_BATCH): evaluate") }
      table.batch = batch
      info.extensions.insert(.batch)
    }
    if let address = find(DMO_EXT_COMPOSITE) {
      let composite = try reader.table(address, dmo_composite.self, minimum: 24, DMO_EXT_COMPOSITE)
      guard composite.compose != nil else { throw missing("\(DMO_EXT_COMPOSITE): compose") }
      table.composite = composite
      info.extensions.formUnion(composite.compose_vjp == nil ? .compose : [.compose, .composeVJP])
    }
    if let address = find(DMO_EXT_FIDELITY) {
      info.fidelities = try reader.fidelities(address)
      info.extensions.insert(.fidelity)
    }
    if let address = find(DMO_EXT_REFERENCE) {
      let reference = try reader.table(address, dmo_reference.self, minimum: 16, DMO_EXT_REFERENCE)
      guard reference.points != nil else { throw missing("\(DMO_EXT_REFERENCE): points") }
      table.reference = reference
      info.extensions.insert(.reference)
    }
    if let address = find(DMO_EXT_ARTIFACT) {
      let artifacts = try reader.table(address, dmo_artifacts.self, minimum: 16, DMO_EXT_ARTIFACT)
      guard artifacts.draw != nil else { throw missing("\(DMO_EXT_ARTIFACT): draw") }
      table.artifacts = artifacts
      info.extensions.insert(.artifacts)
    }
    if let address = find(DMO_EXT_MPI) {
      let mpi = try reader.table(address, dmo_mpi_problem.self, minimum: 8, DMO_EXT_MPI)
      table.mostRanks = mpi.most_ranks == 0 ? .max : Int(mpi.most_ranks)
      info.extensions.insert(.mpi)
    }
  }
}
