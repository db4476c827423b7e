import Foundation
import Testing

@Suite struct TrainersTests {
  private struct Line: Decodable {
    struct Option: Decodable {
      var key, help: String
      var `default`: String
    }
    var type, id, summary: String
    var strategies: [String]
    var options: [Option]
  }

  @Test("`dmo trainers --json` lists every trainer, and `run` accepts each with its defaults written out")
  func listed() throws {
    let folder = try Folder()
    let lines = try Program.run(["trainers", "--json"], in: folder).out.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.id) == ["mae", "mse", "gradpie", "gradpie+mae", "ensemble", "gp", "exact"])
    for line in lines {
      #expect(line.type == "trainer" && !line.summary.isEmpty && !line.strategies.isEmpty)
      #expect(line.options.allSatisfy { !$0.key.isEmpty && !$0.help.isEmpty })
      var arguments = ["run", "--plugin", Moody.path, "--check", "--trainer", line.id]
      for option in line.options { arguments += ["--trainer-set", "\(option.key)=\(option.default)"] }
      let ran = try Program.run(arguments, in: folder)
      if line.id == "exact" {
        #expect(ran.status == 2 && ran.err.contains("dmo.gradient/1"), "the fixture offers no gradient")
      } else {
        #expect(ran.status == 0 && ran.out.contains("trainer \(line.id)"), "\(ran.err)")
      }
    }
  }

  @Test("`dmo trainers` shows an option's default and what it does")
  func text() throws {
    let folder = try Folder()
    let out = try Program.run(["trainers", "gp"], in: folder).out
    #expect(out.contains("kernel") && out.contains("matern52") && !out.contains("gradpie"))
  }

  @Test("bayes with gp, and an ensemble, run a study")
  func run() throws {
    let folder = try Folder()
    for arguments in [["--trainer", "gp"], ["--trainer", "ensemble", "--trainer-set", "hidden=8", "--trainer-set", "members=2"]] {
      let ran = try Program.run(
        ["run", "--plugin", Moody.path, "--budget", "16", "-q", "--json"] + arguments, in: folder)
      #expect(ran.status == 0, "\(ran.err)")
      #expect(ran.out.contains("\"type\":\"result\""))
    }
  }
}
