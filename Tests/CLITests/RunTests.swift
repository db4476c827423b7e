import Foundation
import Testing

@Suite struct RunTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func run(_ study: String, _ more: [String] = [], budget: Int = 30, search: String = "random") throws -> Ran {
    try Program.run(
      ["run", "--plugin", Moody.path, "--search", search, "--budget", "\(budget)", "--study", study] + more, in: folder)
  }
  private func export(_ study: String, _ columns: String) throws -> [[String]] {
    let ran = try Program.run(["export", study, "--columns", columns], in: folder)
    #expect(ran.status == 0, "\(ran.err)")
    return table(ran.out)
  }

  @Test("a run names its study first and ends with the best feasible design and its units")
  func complete() throws {
    let ran = try run("a.dmo", budget: 60)
    #expect(ran.status == 0)
    #expect(ran.err.hasPrefix("study a.dmo"))
    #expect(ran.out.contains("best feasible design") && ran.out.contains("m2"))
    let rows = try export("a.dmo", "evaluation,f,g,status")
    let feasible = rows.dropFirst().filter { Double($0[2]).map { $0 <= 0 } == true }
    let best = try #require(feasible.min { Double($0[1])! < Double($1[1])! })
    #expect(ran.out.contains("evaluation \(best[0])\n"))
  }

  @Test("without --study each run makes a new numbered study")
  func numbered() throws {
    for _ in 0..<2 {
      let ran = try Program.run(["run", "--plugin", Moody.path, "--search", "lhs", "--budget", "3"], in: folder)
      #expect(ran.status == 0)
    }
    #expect(folder.exists("moody-bowl-1.dmo") && folder.exists("moody-bowl-2.dmo"))
  }

  @Test("the same seed gives the same study, another seed another one", arguments: ["random", "gradient"])
  func sameSeed(_ search: String) throws {
    for (study, seed) in [("a.dmo", "4"), ("b.dmo", "4"), ("c.dmo", "5")] {
      #expect(try run(study, ["--seed", seed], budget: 40, search: search).status == 0)
    }
    let columns = "evaluation,x,y,phase[0],phase[1],f,g,status,source,answer,seed"
    let (a, b, c) = (try export("a.dmo", columns), try export("b.dmo", columns), try export("c.dmo", columns))
    #expect(a == b)
    #expect(a != c)
    #expect(a.count == 41)
  }

  @Test("with several workers the recorded order of answers gives the same proposals again")
  func orderOfAnswers() throws {
    #expect(try run("a.dmo", ["--jobs", "3", "--set", "seconds=0.002"], budget: 40, search: "gradient").status == 0)
    let resumed = try Program.run(["resume", "a.dmo", "--budget", "+6"], in: folder)
    #expect(resumed.status == 0)
    // `resume` replays all decisions and would say which evaluation differs.
    #expect(!resumed.err.contains("otherwise"), "\(resumed.err)")
    #expect(try export("a.dmo", "answer").count == 47)
  }

  @Test(
    "an evaluation that goes wrong costs one evaluation, is recorded with its reason, and the study goes on",
    arguments: [
      ("crash", "crashed"), ("quit", "crashed"), ("overrun", "crashed"), ("nan", "bad-output"),
      ("unwritten", "bad-output"), ("fail", "failed"), ("infeasible", "infeasible"),
    ])
  func oneEvaluation(_ mood: String, _ status: String) throws {
    let ran = try run("a.dmo", ["--set", "mood=\(mood)", "--set", "every=10"], search: "gradient")
    #expect(ran.status == 0, "\(ran.err)")
    let rows = try export("a.dmo", "evaluation,status,message").dropFirst()
    #expect(rows.count == 30)
    for row in rows {
      let isBad = Int(row[0])! % 10 == 0
      #expect(row[1] == (isBad ? status : "ok"))
      #expect(isBad != row[2].isEmpty)
    }
  }

  @Test("what the simulator prints is kept with its evaluation and stays out of the results")
  func noise() throws {
    let ran = try run("a.dmo", ["--set", "mood=noise"])
    #expect(ran.status == 0)
    #expect(!ran.out.contains("hello from"))
    let kept = try Program.run(["export", "a.dmo", "--columns", "printed"], in: folder)
    #expect(kept.out.contains("hello from"), "\(kept.out)")
  }

  @Test("the goals on the command line replace the problem's own")
  func goals() throws {
    let ran = try run("a.dmo", ["--goal", "g=max", "--require", "0.5<=f<=4", "--fix", "x=1", "--json"], budget: 80)
    #expect(ran.status == 0, "\(ran.err)")
    let last = try #require(ran.out.split(separator: "\n").last)
    let result = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    let front = try #require(result["front"] as? [[String: Any]])
    let best = try #require(front.first?["outputs"] as? [String: Any])
    let f = try #require(best["f"] as? Double)
    #expect((0.5...4).contains(f))
    #expect((front.first?["parameters"] as? [String: Double])?["x"] == 1)
  }

  @Test("--check runs one evaluation and leaves no file")
  func check() throws {
    let ran = try run("a.dmo", ["--check"])
    #expect(ran.status == 0, "\(ran.err)")
    #expect(ran.out.contains("estimate"))
    #expect(!folder.exists("a.dmo"))
  }

  @Test("--require-feasible makes a study without a feasible point an error")
  func requireFeasible() throws {
    let ran = try run("a.dmo", ["--require-feasible", "--require", "f<=-1"])
    #expect(ran.status == 1)
    #expect(ran.err.contains("no feasible point"))
    #expect(ran.out.contains("no feasible design is known"))
  }

  @Test("no table is written over a study")
  func tableOverStudy() throws {
    _ = try run("a.dmo", budget: 5)
    let at = ["x=3", "y=2", "phase[0]=0", "phase[1]=0"].flatMap { ["--at", $0] }
    for arguments in [["export", "a.dmo"], ["eval", "--plugin", Moody.path] + at] {
      let ran = try Program.run(arguments + ["--output", "a.dmo"], in: folder)
      #expect(ran.status == 5)
      #expect(ran.err.contains("a.dmo") && ran.err.contains("not overwritten"), "\(ran.err)")
    }
    #expect(try export("a.dmo", "answer").count == 6)
  }

  @Test("a total below what was spent is refused and changes nothing; +N adds to what was spent")
  func smallerBudget() throws {
    _ = try run("a.dmo", budget: 5)
    let refused = try Program.run(["resume", "a.dmo", "--budget", "3"], in: folder)
    #expect(refused.status == 2)
    #expect(refused.err.contains("5 evaluations already"), "\(refused.err)")
    #expect(try Program.run(["resume", "a.dmo", "--budget", "+2"], in: folder).status == 0)
    #expect(try export("a.dmo", "answer").count == 8)
  }

  @Test("list, show and export tell the same numbers")
  func sameNumbers() throws {
    _ = try run("a.dmo", budget: 25)
    let show = try Program.run(["show", "a.dmo", "--json"], in: folder)
    let list = try Program.run(["list", "--json"], in: folder)
    #expect(show.status == 0 && list.status == 0)
    #expect(show.out == list.out)
    #expect(show.out.contains("\"evaluations\":25"))
    let json = try Program.run(["export", "a.dmo", "--format", "json", "--status", "ok"], in: folder)
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(json.out.utf8)) as? [[String: Any]])
    #expect(rows.count == 25)
  }
}
