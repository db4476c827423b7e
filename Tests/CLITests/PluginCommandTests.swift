import Foundation
import Testing

/// `dmo plugin list`, `show` and `new`, as a user sees them.
@Suite struct PluginCommandTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func json(_ text: String) throws -> [[String: Any]] {
    try text.split(whereSeparator: \.isNewline).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  /// Runs with these folders as `DMO_PLUGIN_PATH`.
  private func list(_ folders: [String], _ arguments: [String] = []) throws -> Ran {
    let out = folder.file("list.out")
    _ = FileManager.default.createFile(atPath: out, contents: nil)
    let process = Program.process(["plugin", "list"] + arguments, in: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["DMO_PLUGIN_PATH": folders.joined(separator: ":")]) { $1 }
    process.standardOutput = FileHandle(forWritingAtPath: out)
    try process.run()
    process.waitAtMost(60)
    return Ran(status: process.terminationStatus, out: try String(contentsOfFile: out, encoding: .utf8), err: "")
  }

  @Test("list tells what was found, what was refused and why, and where it searched")
  func list() throws {
    let files = FileManager.default
    for name in ["a", "b"] {
      try files.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
      try files.copyItem(atPath: Moody.path, toPath: folder.file("\(name)/libmoody.so"))
    }
    _ = try folder.write("a/libtext.so", "no library at all\n")
    try files.createSymbolicLink(atPath: folder.file("a/libgone.so"), withDestinationPath: "nowhere")
    try files.createSymbolicLink(atPath: folder.file("b/libagain.so"), withDestinationPath: folder.file("a/libmoody.so"))
    let places = [folder.file("a"), folder.file("b"), folder.file("none")]
    let text = try list(places)
    #expect(text.status == 0)
    let home = (folder.file("a") as NSString).resolvingSymlinksInPath
    #expect(text.out.contains("a name finds \(home)/libmoody.so first"), "\(text.out)")
    #expect(text.out.contains("\(folder.file("none")) (not there)"), "\(text.out)")

    let lines = try json(try list(places, ["--json"]).out)
    let mine = lines.filter { ($0["path"] as? String)?.contains(home) == true || ($0["path"] as? String)?.contains(folder.path) == true }
    #expect(mine.filter { $0["type"] as? String == "plugin" }.count == 2, "a second link to one file is no second plugin")
    #expect(mine.filter { $0["hidden_by"] != nil }.count == 1)
    let refused = mine.filter { $0["type"] as? String == "refused" }.compactMap { $0["why"] as? String }
    #expect(refused.count == 2)
    #expect(refused.contains { $0.contains("libgone.so: a link that leads nowhere") }, "\(refused)")
    #expect(refused.contains { $0.contains("libtext.so: not a shared library") }, "\(refused)")
    let searched = try #require(lines.last)
    #expect((searched["folders"] as? [String])?.prefix(3) == places[...])
    #expect((searched["missing"] as? [String])?.contains(places[2]) == true)
  }

  @Test("show tells parameters, outputs, options, fidelities and known points of an instance with the options given")
  func show() throws {
    let amp = Moody.compile(Program.root + "/Tests/Fixtures/Good/amp.c", to: folder.file("libamp.so"))
    let text = try Program.run(["plugin", "show", amp, "--set", "top=50"], in: folder)
    #expect(text.status == 0, "\(text.err)")
    for words in ["1 … 50 log, usual 10", "fidelities", "half  cost 0.5", "known points", "golden  by hand  power 400, gain 60"]
    { #expect(text.out.contains(words), "\(words) is not in \(text.out)") }
    let plugin = try #require(try json(try Program.run(["plugin", "show", amp, "--json"], in: folder).out).first)
    #expect(plugin["abi_minor"] as? Int == 0)
    let problem = try #require((plugin["problems"] as? [[String: Any]])?.first)
    let references = try #require(problem["references"] as? [[String: Any]])
    #expect(references.first?["x"] as? [Double] == [10, 2, 1] && references.first?["kind"] as? String == "golden")
    #expect((problem["fidelities"] as? [[String: Any]])?.map { $0["relative_cost"] as? Double } == [1, 0.5])
    let parameters = try #require(problem["parameters"] as? [[String: Any]])
    #expect(parameters.map { $0["kind"] as? String } == ["real", "integer", "categorical"])
    #expect(parameters[0]["initial"] as? Double == 10 && parameters[0]["scale"] as? String == "log")
    #expect(parameters[2]["choices"] as? [String] == ["slow", "fast"])
    let outputs = try #require(problem["outputs"] as? [[String: Any]])
    #expect(outputs[3]["bound"] as? Double == 60 && outputs[1]["may_be_nan"] as? Bool == true)
    let options = try #require(problem["options"] as? [[String: Any]])
    #expect(options[0]["min"] as? Double == 0.5 && options[1]["choices"] as? [String] == ["tt", "ss"])
  }

  @Test("new makes a folder that needs nothing else, and never touches what is there", arguments: ["c", "cpp", "swift"])
  func new(language: String) throws {
    let made = try Program.run(["plugin", "new", "--lang", language, "my-lens"], in: folder)
    #expect(made.status == 0, "\(made.err)")
    let walk = try #require(FileManager.default.enumerator(atPath: folder.file("my-lens")))
    var files = 0
    for case let name as String in walk where !name.hasSuffix("Sources") {
      let text = try String(contentsOfFile: folder.file("my-lens/" + name), encoding: .utf8)
      #expect(text.range(of: "@[A-Z]+@", options: .regularExpression) == nil, "\(name)")
      #expect(!text.contains(Program.root), "\(name) knows where this repository lies")
      files += 1
    }
    #expect(files >= 6 && folder.exists("my-lens/golden.csv") && folder.exists("my-lens/Makefile"))
    let again = try Program.run(["plugin", "new", "--lang", language, "my-lens"], in: folder)
    #expect(again.status == 5 && again.err.contains("exists already"))
  }

  @Test("a name that cannot be, and an unknown language, are usage errors", arguments: [
    ["--lang", "c", "Lens"], ["--lang", "c", "9lens"], ["--lang", "c", "a/b"], ["--lang", "c", ".."],
    ["--lang", "fortran", "lens"], ["lens"], ["--lang", "c", String(repeating: "l", count: 61)],
  ])
  func refused(arguments: [String]) throws {
    let ran = try Program.run(["plugin", "new"] + arguments, in: folder)
    #expect(ran.status == 2 && !ran.err.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
