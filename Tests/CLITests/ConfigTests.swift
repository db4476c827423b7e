import Foundation
import Testing

@Suite struct ConfigTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func dmo(_ arguments: String...) throws -> Ran { try Program.run(arguments, in: folder) }
  private func points(_ study: String) throws -> String {
    try dmo("export", study, "--columns", "evaluation,x,y,phase[0],phase[1],f,g,status,source,seed").out
  }

  @Test("a file of flags is run, what the command line says wins, and --config repeats the study")
  func repeats() throws {
    _ = try folder.write(
      "study.toml",
      """
      plugin = "\(Moody.path)"
      search = "gradient"
      trainer = "mse"
      budget = 14
      seed = 5
      study = "a.dmo"
      goal = ["f=min"]
      require = ["g<=1", "-4<=g"]
      sandbox = false
      time = "1h"
      [set]
      mood = "good"
      seconds = 0.0
      [search-set]
      initial = 6
      [fix]
      "phase[1]" = 0.5
      """)
    let first = try dmo("run", "study.toml")
    #expect(first.status == 0, "\(first.err)")
    let config = try dmo("show", "a.dmo", "--config")
    #expect(config.status == 0, "\(config.err)")
    _ = try folder.write("again.toml", config.out)
    #expect(config.out.contains("trainer = 'mse'") || config.out.contains("trainer = \"mse\""))
    let again = try dmo("run", "again.toml", "--study", "b.dmo")
    #expect(again.status == 0, "\(again.err) \(config.out)")
    #expect(try points("a.dmo") == points("b.dmo"))
    let other = try dmo("run", "study.toml", "--study", "c.dmo", "--seed", "6", "--set", "mood=noise", "--budget=9")
    #expect(other.status == 0, "\(other.err)")
    let different = try points("c.dmo")
    #expect(try points("a.dmo") != different && table(different).count == 10)
    let shown = try dmo("show", "c.dmo", "--config").out
    #expect(shown.contains("noise") && !shown.contains("good") && shown.contains("seed = 6"))
  }

  @Test("a study made by flags alone is repeated from --config, too")
  func fromFlags() throws {
    let flags = ["--plugin", Moody.path, "--search", "nsga2", "--budget", "30", "--goal", "f=max", "--require", "0<=g<=3",
      "--set", "mood=infeasible", "--set=every=4", "--retries", "1", "--max-failures", "50%"]
    #expect(try Program.run(["run", "--study", "a.dmo"] + flags, in: folder).status == 0)
    _ = try folder.write("a.toml", try dmo("show", "a.dmo", "--config").out)
    let again = try dmo("run", "a.toml", "--study", "b.dmo")
    #expect(again.status == 0, "\(again.err)")
    #expect(try points("a.dmo") == points("b.dmo"))
    func settings(_ study: String) throws -> [Substring] {
      try dmo("show", study, "--config").out.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
    #expect(try settings("a.dmo") == settings("b.dmo"))
  }

  @Test("mistakes in the file are named", arguments: [
    ("bugdet = 3", "'bugdet' is no flag of `dmo run`"), ("budget = [3, 4]", "budget: takes one value"),
    ("sandbox = \"yes\"", "sandbox: is no true or false"), ("budget = ", "line 1"), ("budget = 1979-05-27", "budget"),
  ])
  func mistakes(_ line: String, _ words: String) throws {
    _ = try folder.write("bad.toml", line + "\n")
    let ran = try dmo("run", "bad.toml", "--plugin", Moody.path)
    #expect(ran.status == 2 && ran.err.contains("bad.toml") && ran.err.contains(words), "\(ran.err)")
    let json = try dmo("run", "bad.toml", "--json")
    #expect(json.out.hasPrefix(#"{"type":"error""#))
    #expect(try dmo("run", "nowhere.toml").status == 5)
  }
}
