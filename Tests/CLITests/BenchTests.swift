import Foundation
import Testing

/// `dmo bench paper`, `--trainer exact` and telemetry through the program.
@Suite struct BenchTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func plugin(_ name: String) -> String { Program.folder + "/lib\(name).so" }

  @Test("a small table is printed, its runs are kept, and the same command reads instead of running")
  func paper() throws {
    let command = [
      "bench", "paper", "--table", "1", "--task", "cnon", "--seeds", "2", "--budget", "4", "--methods",
      "random,mae,exact",
      "--trainer-set", "cold_epochs=5", "--trainer-set", "epochs=1", "--trainer-set", "hidden=8", "-j", "2", "-o",
      "bench",
    ]
    let first = try Program.run(command, in: folder)
    #expect(first.status == 0, "\(first.err)")
    #expect(first.out.contains("| exact − mae |"))
    #expect(first.err.contains("6/6 "))
    for name in ["cnon-mae-1.dmo", "cnon-exact-2.dmo", "cnon.csv", "cnon.svg"] {
      #expect(folder.exists("bench/" + name))
    }
    // 24 queries and 4 iterations of 3 methods on 2 seeds.
    let csv = table(try String(contentsOfFile: folder.file("bench/cnon.csv"), encoding: .utf8))
    #expect(csv.count == 1 + 2 * 3 * (24 + 4))
    let before = try FileManager.default.attributesOfItem(atPath: folder.file("bench/cnon-mae-1.dmo"))[
      .modificationDate]
    let second = try Program.run(command, in: folder)
    #expect(second.out == first.out)
    let after = try FileManager.default.attributesOfItem(atPath: folder.file("bench/cnon-mae-1.dmo"))[.modificationDate]
    #expect(before as? Date == after as? Date)
    // An unfinished run is gone on with, to the same end.
    try FileManager.default.removeItem(atPath: folder.file("bench/cnon-mae-2.dmo"))
    #expect(try Program.run(command, in: folder).out == first.out)
  }

  @Test("a folder holds one setting; unknown rows and tasks name the valid ones")
  func refusals() throws {
    let base = ["bench", "paper", "--table", "1", "--seeds", "1", "--methods", "random", "-q", "-o", "bench"]
    #expect(try Program.run(base + ["--task", "cnon", "--budget", "2"], in: folder).status == 0)
    let other = try Program.run(base + ["--task", "cnon", "--budget", "3"], in: folder)
    #expect(other.status == 5 && other.err.contains("other settings"))
    let row = try Program.run(
      ["bench", "paper", "--table", "1", "--task", "opamp", "--methods", "exact", "-o", "bench"], in: folder)
    #expect(row.status == 2 && row.err.contains("gradpie"))
    let task = try Program.run(["bench", "paper", "--table", "1", "--task", "other", "-o", "bench"], in: folder)
    #expect(task.status == 2 && task.err.contains("owms"))
  }

  @Test("the suite begins all rows with the same points, prints every cell, goes on to a larger budget and is read again")
  func suite() throws {
    let base = [
      "bench", "suite", "--problems", "bnh", "--seeds", "1", "--against", "nsga2", "--method", "random", "-o", "s", "--budgets",
    ]
    let whole = try Program.run(base + ["30,40"], in: folder)
    #expect(whole.status == 0, "\(whole.err)")
    #expect(whole.out.contains("| bnh | 30 |") && whole.out.contains("| bnh | 40 |") && whole.err.contains("4/4"))
    func points(_ study: String) throws -> [[String]] { try exported(study, ["--columns", "x1,x2,source"]) }
    let (own, their) = (try points("s/bnh-random-40-1.dmo"), try points("s/bnh-nsga2-40-1.dmo"))
    #expect(own.count == 41 && own.prefix(21) == their.prefix(21) && own[1].last == "given")
    #expect(own[21] != their[21])
    #expect(!whole.err.contains("warning"))
    #expect(try Program.run(base + ["30,40", "--report"], in: folder).out == whole.out)
    let csv = table(try String(contentsOfFile: folder.file("s/suite.csv"), encoding: .utf8))
    #expect(csv.count == 1 + 2 * 2)
    let twice = try Program.run(base + ["30", "--against", "nsga2,random"], in: folder)
    #expect(twice.status == 2 && twice.err.contains("'random' is there twice"))
    let unknown = try Program.run(base + ["30", "--problems", "zdt9"], in: folder)
    #expect(unknown.status == 2 && unknown.err.contains("zdt3"))
    let peer = try Program.run(
      ["bench", "suite", "--problems", "bnh", "--against", "botorch", "--method", "random", "--budgets", "30", "-o", "p"],
      in: folder)
    #expect(peer.status == 2 && peer.err.contains("--python"))
  }

  @Test("a peer is driven line by line; one that fails is told of with its reason")
  func peer() throws {
    let script = try folder.write(
      "peer.py",
      """
      import json, sys
      setup, told = None, 0
      for line in sys.stdin:
          message = json.loads(line)
          if setup is None:
              setup = message
              reply = {}
          elif "ask" in message:
              if told >= 25:
                  reply = {"error": "out of ideas"}
              else:
                  share = told / 30
                  reply = {"x": [[a + share * (b - a) for a, b in zip(setup["lower"], setup["upper"])]], "cpu_s": 0.5}
          else:
              told += 1
              continue
          print(json.dumps(reply), flush=True)
      """)
    let base = [
      "bench", "suite", "--problems", "bnh", "--seeds", "1", "--method", "random", "--against", "botorch", "--python",
      "/usr/bin/python3", "--peer-script", script, "-o", "q", "--budgets",
    ]
    let good = try Program.run(base + ["24"], in: folder)
    #expect(good.status == 0, "\(good.err)")
    let rows = try exported("q/bnh-botorch-24-1.dmo", ["--columns", "x1,source"])
    #expect(rows.count == 25 && rows[24].last == "botorch" && abs((Double(rows[24][0]) ?? 0) - 5 * 23 / 30.0) < 1e-9)
    let bad = try Program.run(base + ["30"], in: folder)
    #expect(bad.status == 1 && bad.err.contains("out of ideas"), "\(bad.err)")
  }

  @Test("the ablation runs its rows on a neuron problem, and is read again")
  func ablation() throws {
    let base = [
      "bench", "joint", "--problem", "hh-cell", "--rows", "none,no-gradient,gp:24", "--budget", "26", "--seeds", "1", "-o", "a",
    ]
    let first = try Program.run(base, in: folder)
    #expect(first.status == 0, "\(first.err)")
    for row in ["| none | 26 |", "| no-gradient | 26 |", "| gp:24 | 24 |"] { #expect(first.out.contains(row)) }
    #expect(try Program.run(base + ["--report"], in: folder).out == first.out)
    #expect(table(try String(contentsOfFile: folder.file("a/hh-cell.csv"), encoding: .utf8)).count == 4)
    let wrong = try Program.run(["bench", "joint", "--rows", "q", "-o", "a"], in: folder)
    #expect(wrong.status == 2 && wrong.err.contains("no-sensitivity"))
  }

  @Test("the exact trainer descends where a plugin has a gradient, and is refused elsewhere")
  func exact() throws {
    let run = try Program.run(
      [
        "run", "--plugin", plugin("oscillators"), "--trainer", "exact", "--budget", "60", "--study", "a.dmo", "-q",
        "--json",
      ], in: folder)
    #expect(run.status == 0, "\(run.err)")
    let losses = try exported("a.dmo", ["--columns", "loss"]).dropFirst().compactMap { Double($0[0]) }
    #expect(losses.count == 60)
    #expect((losses.min() ?? 9) < 0.6 * (losses.prefix(20).min() ?? 0))
    let refused = try Program.run(
      ["run", "--plugin", plugin("opamp"), "--trainer", "exact", "--budget", "5", "--study", "b.dmo"], in: folder)
    #expect(refused.status == 2 && refused.err.contains("dmo.gradient/1"))
    #expect(!folder.exists("b.dmo"))
  }

  @Test("telemetry is stored with each decision, compared with the exact gradient, and exported")
  func telemetry() throws {
    let run = try Program.run(
      [
        "run", "--plugin", plugin("oscillators"), "--set", "n=4", "--budget", "30", "--study", "t.dmo", "-q",
        "--trainer-set", "cold_epochs=20", "--trainer-set", "epochs=4",
      ], in: folder)
    #expect(run.status == 0, "\(run.err)")
    let rows = try exported("t.dmo", ["--telemetry"])
    let header = try #require(rows.first)
    for name in ["trust_ratio", "secant_cosine", "exact_cosine", "exact_relative_error", "cv_error", "cv_pair_error"] {
      let k = try #require(header.firstIndex(of: name), "\(name)")
      #expect(rows.dropFirst().contains { Double($0[k]) != nil }, "\(name)")
    }
    let cosine = try #require(header.firstIndex(of: "exact_cosine"))
    #expect(rows.dropFirst().compactMap { Double($0[cosine]) }.allSatisfy { abs($0) <= 1 + 1e-12 })
    let shown = try Program.run(["show", "t.dmo"], in: folder)
    #expect(shown.out.contains("trust_ratio") && shown.out.contains("exact_cosine"))
    let wrong = try Program.run(["export", "t.dmo", "--telemetry", "--units"], in: folder)
    #expect(wrong.status == 2)
  }

  private func exported(_ study: String, _ arguments: [String]) throws -> [[String]] {
    let ran = try Program.run(["export", study] + arguments, in: folder)
    #expect(ran.status == 0, "\(ran.err)")
    // Keeps empty cells, as `table` does.
    return table(ran.out)
  }
}
