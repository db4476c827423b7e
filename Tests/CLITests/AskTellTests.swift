import Foundation
import Testing

@Suite struct AskTellTests {
  let folder: Folder
  init() throws {
    folder = try Folder()
    _ = try folder.write(
      "lab.toml",
      """
      [problem]
      id = "etching"
      [[parameter]]
      id = "power"
      min = 50
      max = 400
      unit = "W"
      scale = "log"
      [[parameter]]
      id = "gas"
      kind = "categorical"
      choices = ["argon", "oxygen"]
      [[output]]
      id = "rate"
      unit = "nm/s"
      role = "maximize"
      [[output]]
      id = "damage"
      role = "at-most"
      bound = 3.5
      """)
  }

  private func dmo(_ arguments: String..., input: String = "") throws -> Ran {
    try Program.run(arguments, in: folder, input: input)
  }

  /// What the laboratory measures.
  private func results(_ asked: String) -> String {
    let rows = table(asked)
    return "evaluation,power,gas,rate,damage\n"
      + rows.dropFirst().map { row in
        let power = Double(row[1]) ?? .nan
        return (row + ["\(100 - abs(power - 200))", "\(power / 100)"]).joined(separator: ",") + "\n"
      }.joined()
  }

  @Test("a laboratory without a plugin optimises by asking and telling", arguments: ["bayes", "nsga2", "lhs"])
  func laboratory(_ search: String) throws {
    let made = try dmo("new", "lab.toml", "--search", search, "--budget", "24", "--seed", "3")
    #expect(made.status == 0 && made.out == "study etching-1.dmo\n", "\(made.err)")
    for _ in 0..<6 {
      let asked = try dmo("ask", "etching-1.dmo", "-n", "4")
      #expect(asked.status == 0 && table(asked.out).count == 5, "\(asked.err)")
      #expect(table(asked.out)[0] == ["evaluation", "power", "gas"])
      let told = try dmo("tell", "etching-1.dmo", "-", input: results(asked.out))
      #expect(told.status == 0, "\(told.err)")
    }
    let shown = try dmo("show", "etching-1.dmo")
    #expect(shown.out.contains("24 of 24 evaluations (24 ok)") && shown.out.contains("dmo tell"))
    #expect(shown.out.contains("nm/s"))
    let resumed = try dmo("resume", "etching-1.dmo")
    #expect(resumed.status == 2 && resumed.err.contains("dmo ask"))
    #expect(try dmo("check", "etching-1.dmo").status == 0)
    let exported = table(try dmo("export", "etching-1.dmo", "--columns", "evaluation,gas,rate,damage", "--status", "ok").out)
    #expect(exported.count == 25 && exported.dropFirst().allSatisfy { ["argon", "oxygen"].contains($0[1]) })
  }

  @Test("asking in one session or in many gives the same points")
  func sameWay() throws {
    for (study, batches) in [("once.dmo", [4, 4]), ("again.dmo", [4, 4])] {
      #expect(try dmo("new", "lab.toml", "--study", study, "--search", "cmaes").status == 0)
      for n in batches {
        let asked = try dmo("ask", study, "-n", "\(n)")
        #expect(try dmo("tell", study, "-", input: results(asked.out)).status == 0)
      }
    }
    let columns = ["--columns", "evaluation,power,gas,rate"]
    let first = try Program.run(["export", "once.dmo"] + columns, in: folder)
    let second = try Program.run(["export", "again.dmo"] + columns, in: folder)
    #expect(first.out == second.out && table(first.out).count == 9)
  }

  @Test("open points are listed again; results, failures, rows without a result and points of one's own are told")
  func telling() throws {
    #expect(try dmo("new", "lab.toml", "--search", "lhs").status == 0)
    let asked = try dmo("ask", "etching-1.dmo", "-n", "4")
    #expect(try dmo("ask", "etching-1.dmo", "--open").out == asked.out)
    let points = table(asked.out).dropFirst().map { $0 }
    let told = try dmo(
      "tell", "etching-1.dmo", "-",
      input: """
        evaluation,rate,damage,status,message,power,gas
        1,5,1,,,\(points[0][1]),\(points[0][2])
        2,,2,infeasible,no plasma,\(points[1][1]),\(points[1][2])
        3,,,,,\(points[2][1]),\(points[2][2])
        ,7,3,,,200,oxygen

        """)
    #expect(told.status == 0 && told.out.hasPrefix("2 results of points that were asked for, 1 of others"), "\(told.err)")
    #expect(table(try dmo("ask", "etching-1.dmo", "--open").out).dropFirst().map { $0[0] } == ["3", "4"])
    let rows = table(
      try dmo("export", "etching-1.dmo", "--columns", "evaluation,status,message,rate,damage,source,answer").out)
    #expect(rows[2] == ["2", "infeasible", "no plasma", "", "2.0", "lhs", "2"])
    #expect(rows[3][1] == "running" && rows[5] == ["5", "ok", "", "7.0", "3.0", "told", "3"])
  }

  @Test("what cannot be told is refused whole, naming the line", arguments: [
    ("evaluation,rate,damage\n9,1,1\n", "line 2: evaluation 9 waits for no result"),
    ("evaluation,rate,damage\n1,1,1\n1,1,1\n", "line 3: evaluation 1 waits"),
    ("evaluation,power,gas,rate,damage\n1,77,argon,1,1\n", "line 2: evaluation 1 was asked for at another point"),
    ("evaluation,rate,damage,status\n1,1,,ok\n", "line 2: is ok, but has no number for damage"),
    ("evaluation,rate,damage,status\n1,1,1,fine\n", "'fine' is no status"),
    ("evaluation,rate,damage\n1,much,1\n", "rate = 'much' is not a number"),
    ("evaluation,rate,dammage\n1,1,1\n", "'dammage' is neither a parameter nor an output"),
    ("evaluation,rate,damage\n1,1\n", "line 2: 2 cells, but the header has 3"),
    ("rate,damage\n1,1\n", "says neither which evaluation nor which point"),
    ("power,gas,rate,damage\n9000,argon,1,1\n", "outside its range"),
  ])
  func refused(_ text: String, _ words: String) throws {
    #expect(try dmo("new", "lab.toml", "--search", "lhs").status == 0)
    #expect(try dmo("ask", "etching-1.dmo", "-n", "2").status == 0)
    let told = try dmo("tell", "etching-1.dmo", "-", input: text)
    #expect(told.status == 2 && told.err.contains(words), "\(told.err)")
    #expect(table(try dmo("ask", "etching-1.dmo", "--open").out).count == 3)
  }

  @Test("a description that cannot be names its place", arguments: [
    ("[[output]]\nid = \"y\"\nrole = \"minimize\"\n", "parameter"),
    ("[[parameter]]\nid = \"x\"\nmax = 1\n[[output]]\nid = \"y\"\nrole = \"minimize\"\n", "parameter x: needs min and max"),
    ("[[parameter]]\nid = \"ab\"\nmin = 0\nmax = 1\n[[output]]\nid = \"aB\"\nrole = \"minimize\"\n", "stands twice"),
    ("[[parameter]]\nid = \"x\"\nmin = 0\nmax = 1\n[[output]]\nid = \"y\"\nrole = \"at-most\"\n", "needs a bound"),
    ("[[parameter]]\nid = \"x\"\nmin = 0\nmax = 1\n[[output]]\nid = \"y\"\nrole = \"smallest\"\n", "output"),
    ("[[parameter\n", "line 1"),
  ])
  func badDescription(_ text: String, _ words: String) throws {
    _ = try folder.write("bad.toml", text)
    let made = try dmo("new", "bad.toml")
    #expect(made.status == 2 && made.err.contains("bad.toml") && made.err.contains(words), "\(made.err)")
  }

  @Test("JSON describes a problem, too, and --json prints points and results as lines")
  func json() throws {
    _ = try folder.write(
      "lab.json",
      #"{"parameter": [{"id": "x", "min": 0, "max": 1}], "output": [{"id": "y", "role": "minimize"}]}"#)
    #expect(try dmo("new", "lab.json", "--search", "sobol", "--json").out.contains(#""study":"lab-1.dmo""#))
    let asked = try dmo("ask", "lab-1.dmo", "--json")
    #expect(asked.out.hasPrefix(#"{"type":"point","evaluation":1,"parameters":{"x":"#))
    let told = try dmo("tell", "lab-1.dmo", "-", "--json", input: "evaluation,y\n1,0.5\n")
    #expect(told.out.contains(#""type":"result""#) && told.out.contains(#""evaluations":1"#))
    let failed = try dmo("tell", "lab-1.dmo", "-", "--json", input: "evaluation,y\n1,0.5\n")
    #expect(failed.out.contains(#""type":"error""#) && failed.status == 2)
  }
}
