import DMOTestSupport
import Foundation
import FoundationXML
import Testing

@testable import DMOConformance

@Suite(.serialized) struct ValidatorTests {
  private func good() throws -> String { try #require(Hostile.all.first { $0.name == "good.all" }).library }

  @Test("a file that is missing, no library, or no plugin fails load.resolves or load.entry, with status 1")
  func doesNotLoad() throws {
    for path in ["/nowhere/libnone.so", Fixtures.file("text.so", "not a library")] {
      let result = try Program.validate(path)
      #expect(result.status == 1)
      #expect(result.results("fail") == ["load.resolves fail"])
      #expect(result.results("pass") == [])
    }
  }

  @Test(
    "a command line that cannot be meant ends with status 2",
    arguments: [
      ["--include", "nothing.*"], ["--exclude", "*"], ["--level", "quick", "--include", "fuzz.*"],
      ["--problem", "none"],
      ["--set", "none=1"], ["--set", "factor=7", "--problem", "hostile"], ["--jobs", "0"], ["--level", "hard"],
    ])
  func usage(_ words: [String]) throws {
    #expect(try Program.validate(good(), words).status == 2)
  }

  @Test("a validator that cannot work ends with status 3")
  func system() throws {
    let result = Fixtures.run(["/usr/bin/env", "TMPDIR=/nowhere", Program.path, "plugin", "validate", try good(), "-q"])
    #expect(result >> 8 == 3)
  }

  @Test("only what is selected is run, and a skipped check alone is no success")
  func selection() throws {
    let some = try Program.validate(good(), ["--include", "eval.f*", "--exclude", "*.fpe"])
    #expect(some.status == 0)
    #expect(some.results("pass", "fail", "skip", "warn") == ["eval.finite pass"])
    let none = try Program.validate(good(), ["--include", "options.ranges", "--problem", "hostile"])
    #expect(none.status == 0)
    let skipped = try Program.validate(good(), ["--include", "eval.tsan", "--level", "deep"])
    #expect(skipped.status == 1)
    #expect(skipped.results("skip") == ["eval.tsan skip"])
  }

  @Test("JUnit's file counts what it holds")
  func junit() throws {
    let file = try Program.makeFolder() + "/report.xml"
    let fixture = try #require(Hostile.all.first { $0.name == "eval.capacity" })
    let result = try Program.validate(fixture.library, ["--include", "eval.*", "--junit", file])
    let document = try XMLDocument(contentsOf: URL(fileURLWithPath: file))
    let suite = try #require(document.rootElement())
    let lines = result.lines.filter { $0.type == "result" }
    #expect(suite.attribute(forName: "tests")?.stringValue == "\(lines.count)")
    #expect(suite.attribute(forName: "failures")?.stringValue == "1")
    #expect(suite.elements(forName: "testcase").count == lines.count)
    let failed = suite.elements(forName: "testcase").filter { !$0.elements(forName: "failure").isEmpty }
    #expect(failed.map { $0.attribute(forName: "name")?.stringValue } == ["eval.capacity"])
  }

  @Test("a plugin written in Swift passes")
  func swiftPlugin() throws {
    let result = try Program.validate(Program.folder + "/libtestproblems.so", ["--problem", "zdt1"])
    #expect(result.results("fail", "crash", "timeout") == [], "\(result.text)")
    #expect(result.status == 0)
    #expect(result.results("pass").contains("load.exports pass"))
  }

  @Test(
    "globs match whole ids",
    arguments: [
      ("eval.centre", "eval.*", true), ("eval.centre", "*", true), ("eval.centre", "eval", false),
      ("eval.centre", "*.c?ntre", true), ("eval.centre", "*tre*", true), ("eval.centre", "*.centr", false),
      ("load.exports", "*.*s", true), ("", "", true), ("a", "", false),
    ])
  func globs(_ text: String, _ pattern: String, _ expected: Bool) {
    #expect(Glob.matches(text, pattern) == expected)
  }

  @Test(
    "units as engineers write them are read",
    arguments: [
      ("V/us", true), ("um", true), ("dB", true), ("V/sqrt(Hz)", true), ("1", true), ("uF/cm2", true),
      ("mS/cm^2", true),
      ("furlong", false), ("/", false), ("", false), ("very fast", false),
    ])
  func units(_ text: String, _ expected: Bool) {
    #expect(UnitText.isKnown(text) == expected)
  }
}

struct RegistryTests {
  @Test("ids are unique, and each check says what, why and how to fix it")
  func isComplete() {
    #expect(Set(Registry.checks.map(\.id)).count == Registry.checks.count)
    for check in Registry.checks {
      #expect([check.summary, check.why, check.fix].allSatisfy { $0.hasSuffix(".") }, "\(check.id)")
    }
  }

  @Test("the checks and levels are those of the design")
  func isTheDesign() throws {
    let shared = ProcessInfo.processInfo.environment["DMO_SHARED"] ?? Fixtures.root + "/../shared"
    guard let text = try? String(contentsOfFile: shared + "/design/conformance.md", encoding: .utf8) else {
      print("the design is not here: \(shared)/design/conformance.md")
      return
    }
    let rows = text.split(separator: "\n").map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let levels = ["q": "quick", "s": "standard", "d": "deep"]
    let wanted = rows.filter { $0.count > 2 && $0[0].contains(".") && levels[$0[1]] != nil }
    #expect(
      Set(wanted.map { $0[0] + " " + (levels[$0[1]] ?? "") } + ["mpi.one-rank standard"])
        == Set(Registry.checks.map { "\($0.id) \($0.level)" }))
    // Those of the design, and the one of `dmo.mpi/1`, which is younger.
    #expect(Registry.checks.count == 58)
  }

  @Test("docs/validate.md is what the registry says")
  func isDocumented() throws {
    let text = try String(contentsOfFile: Fixtures.root + "/docs/validate.md", encoding: .utf8)
    #expect(text == Registry.markdown, "write it anew: dmo plugin validate --list --markdown > docs/validate.md")
  }
}
