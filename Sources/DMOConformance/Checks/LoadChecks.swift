import CDMOHost
import DMOHost
import Foundation

/// What happens before the first instance exists.
let loadChecks: [Check] = [
  Check(
    "load.resolves", .quick, .plugin,
    "The file is there, is a shared library for this machine, and the loader takes it.",
    why: "A file that the loader refuses can never be used; the loader's own words are shown.",
    fix: "Build with `-shared -fPIC` for this machine, and see with `ldd` which libraries it needs."
  ) { run in
    guard let image = ELFImage(path: run.request.path) else { return .fail("not a 64-bit ELF file") }
    if !image.isSharedObject { return .fail("an ELF file, but not a shared library") }
    if let own = ELFImage(path: "/proc/self/exe"), own.machine != image.machine {
      return .fail("built for machine \(image.machine); this one is \(own.machine)")
    }
    _ = try run.library()
    return .pass()
  },
  Check(
    "load.symbols-bound", .quick, .plugin, "Every symbol that the library needs is found when it is loaded.",
    why: "With lazy binding a missing function kills the process at its first call, in the middle of a run.",
    fix: "Link with `-Wl,-z,defs` and add the libraries that the linker then asks for."
  ) { run in
    // This process runs with LD_BIND_NOW=1.
    _ = try run.library()
    return .pass()
  },
  Check(
    "load.entry", .quick, .plugin, "The library exports `dmo_plugin_v1()`, and it answers a table.",
    why: "That one symbol is the whole interface; its number is the major version.",
    fix: "Define it with `DMO_EXPORT` (in C++ inside `extern \"C\"`) and return the address of a static table."
  ) { run in
    _ = try run.library()
    return .pass()
  },
  Check(
    "load.time", .quick, .plugin, "`dmo_plugin_v1()` returns within 100 ms.",
    why: "Plugins are scanned whenever they are listed; slow entries make every command slow.",
    fix: "Read files and start libraries in `create()`, not in the entry or in constructors."
  ) { run in
    let seconds = try run.library().entrySeconds
    let text = String(format: "%.1f ms", seconds * 1e3)
    return seconds > 0.1 ? .warn("the entry took \(text)") : .pass(text)
  },
  Check(
    "load.crash-in-constructor", .quick, .plugin, "Loading the library does not end the process.",
    why: "Constructors run before anyone can ask whether the plugin fits.",
    fix: "Move work from constructors and static initialisers into `create()`, where it may fail with a message."
  ) { run in
    _ = try run.library()
    return .pass()
  },
  Check(
    "load.silent", .quick, .plugin, "Nothing is printed while the plugin is loaded.",
    why: "What a plugin prints ends up between the words of whatever program loads it.",
    fix: "Use `dmo_host.log` for what people should know."
  ) { run in
    let (_, text) = try Printed.during { try run.library() }
    return text.isEmpty ? .pass() : .warn("it printed: \(TableChecks.readable(Printed.short(text)))")
  },
  Check(
    "load.no-threads", .quick, .plugin, "Loading starts no thread.",
    why: "A thread that runs before `create()` cannot be stopped, and makes a later fork unsafe.",
    fix: "Start threads in `create()` and end them in `destroy()`."
  ) { run in
    let before = Holdings.entries("/proc/self/task")
    _ = try run.library()
    let started = Holdings.entries("/proc/self/task") - before
    return started > 0 ? .fail("loading started \(started) threads") : .pass()
  },
  Check(
    "load.global-state", .standard,
    "Working directory, umask, locale, signal handlers, environment and rounding mode stay as they were.",
    why: "They belong to the process: another plugin, or dmo itself, reads numbers and files by them.",
    fix: "Set them for as short as a call of your library needs, and put them back before you return."
  ) { run in
    let start = ProcessState.now()
    func compare(_ what: String, floating: Bool = true) throws {
      let changes = ProcessState.now().changes(since: start, floating: floating)
      if !changes.isEmpty { throw Broken("after \(what) \(changes)") }
    }
    _ = try run.library()
    try compare("loading")
    let instance = try run.instance()
    try compare("create()")
    let ask = run.ask(run.centre(instance.spec.space))
    _ = try run.evaluate(ask)
    // The mode of the floating-point unit after evaluate() has a check of its own.
    try compare("evaluate()", floating: false)
    run.close()
    return .pass()
  },
  Check(
    "load.twice", .standard, .plugin, "A second call of `dmo_plugin_v1()` gives the same tables.",
    why: "Hosts may ask more than once; the tables must be constant.",
    fix: "Return static tables and build nothing in the entry."
  ) { run in
    let library = try run.library()
    run.note("the second dmo_plugin_v1()")
    let again = try library.readAgain()
    return again == library.info ? .pass() : .fail("the second answer differs from the first")
  },
  Check(
    "load.minor", .quick, .plugin, "Tables longer than this dmo knows say so with a higher `abi_minor`.",
    why: "Fields only ever appear with a new minor version; an old host steps over them.",
    fix: "Set `abi_minor = DMO_ABI_MINOR` and every size with `sizeof` of the header you compile against."
  ) { run in
    let library = try run.library()
    let longer = library.longerTables()
    let minor = library.info.abiMinor
    if minor > 0 { return .pass("built for minor \(minor); what this dmo does not know is left aside") }
    return longer.isEmpty
      ? .pass() : .fail("abi_minor is 0, but longer than in version 1.0 are: \(longer.joined(separator: ", "))")
  },
  Check(
    "load.struct-sizes", .quick, .plugin,
    "Every `struct_size` and stride is at least that of version 1.0 and whole words.",
    why: "Readers step through the tables by these numbers.",
    fix: "Use `sizeof` for each, with designated initialisers."
  ) { run in
    _ = try run.library()
    return .pass()
  },
  Check(
    "load.exports", .standard, .plugin, "The library exports nothing but names that start with `dmo_`.",
    why: "Two plugins that export the same name may call each other's functions.",
    fix: "Compile with `-fvisibility=hidden`, and link static libraries with `-Wl,--exclude-libs,ALL`."
  ) { run in
    guard let image = ELFImage(path: run.request.path) else { return .skip("the symbols cannot be read") }
    // What linkers add by themselves.
    let known: Set<String> = ["__bss_start", "_edata", "_end", "_init", "_fini", "__end__", "end", "edata"]
    let others = Set(image.exports).filter { !$0.hasPrefix("dmo_") && !known.contains($0) }.sorted()
    if others.isEmpty { return .pass() }
    let shown = others.prefix(5).map { TableChecks.printable($0) }.joined(separator: ", ")
    return .warn("\(others.count) other names are exported: \(shown)\(others.count > 5 ? ", …" : "")")
  },
]
