import Foundation
import Testing

@Suite struct BadInputTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  /// The arguments after `dmo`, with PLUGIN for the fixture, the exit status, and what the message must say.
  static let cases: [(arguments: [String], status: Int32, says: [String])] = [
    (["run", "--plugin", "./missing.so"], 3, ["./missing.so", "No such file"]),
    (["run", "--plugin", "nosuchplugin"], 3, ["nosuchplugin", "DMO_PLUGIN_PATH"]),
    (["run", "--plugin", "./text.so"], 3, ["text.so"]),
    (["run", "--plugin", "notes"], 3, ["no plugin of that name", "(./notes for"]),
    (["run", "--plugin", "./plain.so"], 3, ["dmo_plugin_v1"]),
    (["run", "--plugin", "./major.so"], 3, ["dmo_plugin_v2"]),
    (["run", "--plugin", "./nanbound.so"], 3, ["width"]),
    (["run", "--plugin", "./duplicate.so"], 3, ["width", "another parameter"]),
    (["run", "--plugin", "PLUGIN", "--problem", "nope"], 2, ["nope", "moody-bowl"]),
    (["run", "--plugin", "PLUGIN", "--set", "nope=1"], 2, ["nope", "mood"]),
    (["run", "--plugin", "PLUGIN", "--set", "mood=blue"], 2, ["blue", "good"]),
    (["run", "--plugin", "PLUGIN", "--set", "every=0"], 2, ["every"]),
    (["run", "--plugin", "PLUGIN", "--set", "every"], 2, ["every", "key=value"]),
    (["run", "--plugin", "PLUGIN", "--goal", "nope=min"], 2, ["nope", "f, g"]),
    (["run", "--plugin", "PLUGIN", "--goal", "f=down"], 2, ["down"]),
    (["run", "--plugin", "PLUGIN", "--require", "f=3"], 2, ["f=3"]),
    (["run", "--plugin", "PLUGIN", "--require", "3<=f<=2"], 2, ["3<=f<=2"]),
    (["run", "--plugin", "PLUGIN", "--fix", "z=1"], 2, ["z", "x, y"]),
    (["run", "--plugin", "PLUGIN", "--fix", "x=9"], 2, ["x = 9", "-5"]),
    (["run", "--plugin", "PLUGIN", "--budget", "0"], 2, ["--budget 0"]),
    (["run", "--plugin", "PLUGIN", "--retries=-1"], 2, ["--retries -1", "0 to 1000"]),
    (["run", "--plugin", "PLUGIN", "--max-failures", "some"], 2, ["--max-failures some", "20%"]),
    (["run", "--plugin", "PLUGIN", "--worker-memory", "9"], 2, ["--worker-memory 9", "800M"]),
    (["run", "--plugin", "PLUGIN", "--eval-cpu", "soon"], 2, ["--eval-cpu soon", "90s"]),
    (["run", "--plugin", "PLUGIN", "--in-process", "--sandbox"], 2, ["--sandbox", "--in-process"]),
    (["run", "--plugin", "PLUGIN", "--trainer", "magic"], 2, ["magic", "gradpie"]),
    (["run", "--plugin", "PLUGIN", "--search", "magic"], 2, ["magic", "random"]),
    (["run", "--plugin", "PLUGIN", "--search", "random", "--trainer", "mae"], 2, ["random", "mae"]),
    (["run", "--plugin", "PLUGIN", "--trainer-set", "lr=fast"], 2, ["lr", "fast"]),
    (["run", "--plugin", "PLUGIN", "--trainer", "mae", "--trainer-set", "target=observed"], 2, ["target=observed", "dmo.composite/1"]),
    (["run", "--plugin", "PLUGIN", "--trainer", "ensemble", "--trainer-set", "k=3"], 2, ["'mae'", "k"]),
    (["trainers", "magic"], 2, ["magic", "gradpie+mae"]),
    (["run", "--plugin", "PLUGIN", "--search-set", "nope=1"], 2, ["nope"]),
    (["run", "--plugin", "PLUGIN", "--study", "no/such/folder/a.dmo"], 5, ["no/such/folder/a.dmo", "No such file"]),
    (["run", "--plugin", "PLUGIN", "--study", "text.so"], 5, ["text.so", "exists", "resume"]),
    (["run", "--plugin", "PLUGIN", "--eval-timeout", "soon"], 2, ["soon"]),
    (["run"], 2, ["--plugin"]),
    (["frobnicate"], 2, ["frobnicate"]),
    (["show", "missing.dmo"], 5, ["missing.dmo"]),
    (["show", "text.so"], 5, ["not a dmo study"]),
    (["resume", "text.so"], 5, ["not a dmo study"]),
    (["export", "missing.dmo"], 5, ["missing.dmo"]),
    (["eval", "--plugin", "PLUGIN"], 2, ["--input"]),
    (["eval", "--plugin", "PLUGIN", "--input", "missing.csv"], 5, ["missing.csv", "No such file"]),
    (["eval", "--plugin", "PLUGIN", "--input", "."], 5, [".: cannot be read: Is a directory"]),
    (["plugin", "show", "nosuchplugin"], 3, ["nosuchplugin"]),
    (["plugin", "show", "PLUGIN", "--problem", "nope"], 2, ["nope", "moody-bowl"]),
  ]

  private func prepare() throws {
    _ = try folder.write("notes", "neither is this\n")
    _ = try folder.write("text.so", "this is no library\n")
    let head = "#include <dmo/dmo.h>\n#include <math.h>\n"
    func plugin(_ params: String) -> String {
      head + """
        static const dmo_param params[] = { \(params) };
        static const dmo_output outputs[] = { { .id = "f" } };
        static const dmo_spec spec = { .struct_size = sizeof spec, .param_size = sizeof params[0],
          .output_size = sizeof outputs[0], .param_count = sizeof params / sizeof params[0], .params = params,
          .output_count = 1, .outputs = outputs };
        static dmo_status evaluate(dmo_instance s, const dmo_call *c, dmo_result *r) {
          (void)s;
          r->y[0] = c->x[0];
          return 0;
        }
        static const dmo_problem problem = { .struct_size = sizeof problem, .id = "p", .name = "p", .spec = &spec,
          .evaluate = evaluate };
        static const dmo_problem *const problems[] = { &problem };
        static const dmo_plugin plugin = { .struct_size = sizeof plugin, .id = "a.b", .name = "n", .version = "1.0.0",
          .problem_count = 1, .problems = problems };
        const dmo_plugin *dmo_plugin_v1(const dmo_host *h) { (void)h; return &plugin; }
        """
    }
    let sources = [
      "plain": "int answer(void) { return 42; }\n",
      "major": head
        + "DMO_EXPORT const void *dmo_plugin_v2(const void *h);\n"
        + "const void *dmo_plugin_v2(const void *h) { return h; }\n",
      "nanbound": plugin("{ .id = \"width\", .min = NAN, .max = 1 }"),
      "duplicate": plugin("{ .id = \"width\", .max = 1 }, { .id = \"width\", .max = 1 }"),
    ]
    for (name, text) in sources {
      let source = try folder.write(name + ".c", text)
      #expect(FileManager.default.fileExists(atPath: Moody.compile(source, to: folder.file(name + ".so"))))
    }
  }

  @Test("each mistake has its own message with the next step and the documented exit status")
  func mistakes() throws {
    try prepare()
    for (arguments, status, says) in Self.cases {
      let ran = try Program.run(arguments.map { $0 == "PLUGIN" ? Moody.path : $0 }, in: folder)
      #expect(ran.status == status, "\(arguments): \(ran.err)")
      #expect(ran.out.isEmpty, "\(arguments): \(ran.out)")
      for part in says { #expect(ran.err.contains(part), "\(arguments) should say '\(part)': \(ran.err)") }
    }
    #expect(try String(contentsOfFile: folder.file("text.so"), encoding: .utf8) == "this is no library\n")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".dmo") }
    #expect(left.isEmpty)
  }

  @Test("with --json an error is a JSON line on standard output")
  func jsonError() throws {
    let ran = try Program.run(["show", "missing.dmo", "--json"], in: folder)
    let line = try #require(try JSONSerialization.jsonObject(with: Data(ran.out.utf8)) as? [String: Any])
    #expect(line["type"] as? String == "error")
    #expect(line["exit"] as? Int == 5)
  }
}
