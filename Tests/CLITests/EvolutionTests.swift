import Foundation
import Testing

@Suite struct EvolutionTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func run(_ study: String, _ more: [String], budget: Int = 60) throws -> Ran {
    try Program.run(["run", "--plugin", Moody.path, "--budget", "\(budget)", "--study", study] + more, in: folder)
  }

  @Test("dmo indicator prints the number last, with and without a header, and takes columns by name")
  func indicator() throws {
    let plain = try folder.write("plain.csv", "0.1,0.9\n0.5,0.5\n")
    let named = try folder.write("named.csv", "x,f1,f2\n7,0.1,-0.9\n7,0.5,-0.5\n")
    let front = try folder.write("front.csv", "0,0.9\n0.5,0.5\n")
    // 1.0 · 0.2 + 0.6 · 0.4 below (1.1, 1.1).
    let volume = try Program.run(["indicator", "hypervolume", "--input", plain, "--reference", "1.1,1.1"], in: folder)
    #expect(volume.status == 0 && abs((Double(volume.out.dropLast()) ?? 0) - 0.44) < 1e-12)
    let same = try Program.run(
      ["indicator", "hypervolume", "--input", named, "--columns", "f1,f2", "--maximize", "f2", "--reference", "1.1,-1.1"],
      in: folder)
    #expect(same.out == volume.out, "\(same.err)")
    let distance = try Program.run(["indicator", "igd+", "--input", plain, "--reference", front], in: folder)
    #expect(abs((Double(distance.out.dropLast()) ?? 0) - 0.05) < 1e-12, "\(distance.out)")
    let epsilon = try Program.run(["indicator", "epsilon", "--input", plain, "--reference", front, "--json"], in: folder)
    #expect(epsilon.out == "{\"type\":\"indicator\",\"kind\":\"epsilon\",\"value\":0.1}\n")
    let spread = try Program.run(["indicator", "spread", "--input", plain], in: folder)
    #expect(spread.out == "0.0\n")
  }

  @Test("dmo indicator refuses what it cannot read, naming line and cell")
  func badTables() throws {
    let bad = try folder.write("bad.csv", "f1,f2\n1,2\n3,oops\n")
    let cell = try Program.run(["indicator", "hypervolume", "--input", bad, "--reference", "9,9"], in: folder)
    #expect(cell.status == 2 && cell.err.contains("line 3") && cell.err.contains("oops"))
    let good = try folder.write("good.csv", "1,2\n")
    let point = try Program.run(["indicator", "hypervolume", "--input", good, "--reference", "1,2,3"], in: folder)
    #expect(point.status == 2 && point.err.contains("2 numbers"))
    let missing = try Program.run(["indicator", "epsilon", "--input", good], in: folder)
    #expect(missing.status == 2 && missing.err.contains("--reference"))
  }

  @Test("an evolutionary study is reproducible, and resuming it replays the very same search", arguments: ["nsga2", "cmaes"])
  func resume(_ search: String) throws {
    func points(_ study: String) throws -> String {
      try Program.run(["export", study, "--columns", "x,y,phase[0],f"], in: folder).out
    }
    #expect(try run("whole.dmo", ["--search", search]).status == 0)
    #expect(try run("again.dmo", ["--search", search]).status == 0)
    #expect(try points("whole.dmo") == points("again.dmo"))
    #expect(try points("whole.dmo").split(whereSeparator: \.isNewline).count == 61)
    let resumed = try Program.run(["resume", "whole.dmo", "--budget", "+20"], in: folder)
    #expect(resumed.status == 0 && !resumed.err.contains("otherwise"), "\(resumed.err)")
    #expect(try points("whole.dmo").hasPrefix(points("again.dmo")))
  }

  @Test("a target ends a run before its budget with status 0, and so does --stop")
  func stops() throws {
    let target = try run("target.dmo", ["--search", "random", "--target", "1e9"], budget: 50)
    #expect(target.status == 0 && target.err.contains("the target"), "\(target.err)")
    #expect(!target.out.contains("50 evaluations"))
    let still = try run(
      "still.dmo", ["--search", "random", "--stop", "objectives=0.5", "--stop-window", "40"], budget: 400)
    #expect(still.status == 0 && still.err.contains("stopped"), "\(still.err)")
    let bad = try run("bad.dmo", ["--stop", "luck"])
    #expect(bad.status == 2 && bad.err.contains("hypervolume, objectives, stagnation"))
  }

  @Test("resume keeps a study's stop rules; --stop none drops them")
  func storedRules() throws {
    let rules = ["--search", "random", "--stop", "objectives=0.5", "--stop-window", "40"]
    #expect(try run("s.dmo", rules, budget: 300).status == 0)
    func count() throws -> Int { try Program.run(["export", "s.dmo", "--columns", "f"], in: folder).out.split(
      whereSeparator: \.isNewline).count - 1 }
    let ended = try count()
    #expect(ended < 300)
    let again = try Program.run(["resume", "s.dmo"], in: folder)
    #expect(again.status == 0 && again.err.contains("stopped:"), "\(again.err)")
    #expect(try count() == ended)
    let free = try Program.run(["resume", "s.dmo", "--stop", "none"], in: folder)
    #expect(free.status == 0, "\(free.err)")
    #expect(try count() == 300)
    #expect(try Program.run(["resume", "s.dmo", "--stop", "none", "--stop", "objectives"], in: folder).status == 2)
  }

  @Test("without --search, constraints or several objectives are searched by joint, one objective by gradient")
  func defaults() throws {
    let zdt = ["run", "--plugin", Program.folder + "/libtestproblems.so", "--check", "--problem"]
    #expect(try Program.run(zdt + ["zdt1"], in: folder).out.contains("search joint, trainer joint"))
    #expect(try Program.run(zdt + ["branin"], in: folder).out.contains("search gradient, trainer gradpie"))
    let bound = try Program.run(zdt + ["zdt1", "--goal", "f2=observe", "--require", "f2<=3"], in: folder)
    #expect(bound.out.contains("search joint, trainer joint"), "\(bound.err)")
  }

  @Test("a file's points come first; rows with results are not simulated again; a dynamic design is told apart")
  func initial() throws {
    #expect(try run("first.dmo", ["--search", "lhs"], budget: 8).status == 0)
    func rows(_ study: String, _ columns: String) throws -> [[String]] {
      table(try Program.run(["export", study, "--columns", columns], in: folder).out)
    }
    let place = "x,y,phase[0],phase[1]"
    let known = try rows("first.dmo", place).dropFirst().map { $0 }
    #expect(known.count == 8)
    let bare = try folder.write("bare.csv", Program.run(["export", "first.dmo", "--columns", place], in: folder).out)
    #expect(try run("bare.dmo", ["--search", "nsga2", "--initial-file", bare], budget: 10).status == 0)
    let given = try rows("bare.dmo", place + ",source").dropFirst()
    #expect(given.prefix(8).map { Array($0.dropLast()) } == known && given.prefix(8).allSatisfy { $0.last == "given" })

    let columns = place + ",f,g,twice[0],twice[1],status"
    let full = try folder.write("full.csv", Program.run(["export", "first.dmo", "--columns", columns], in: folder).out)
    #expect(try run("full.dmo", ["--search", "nsga2", "--initial-file", full], budget: 30).status == 0)
    let searched = try rows("full.dmo", place + ",source").dropFirst()
    #expect(searched.count == 30 && !searched.contains { known.contains(Array($0.dropLast())) })
    // A generation of 20 begins with the 8 known points and 12 new ones.
    #expect(searched.count { $0.last == "initial" || $0.last == "start" } == 12)
    let resumed = try Program.run(["resume", "full.dmo", "--budget", "+5"], in: folder)
    #expect(resumed.status == 0 && !resumed.err.contains("otherwise"), "\(resumed.err)")

    let dynamic = try run(
      "dynamic.dmo", ["--search", "nsga2", "--initial-method", "dynamic", "--initial-feasible", "3"], budget: 30)
    #expect(dynamic.status == 0)
    #expect(try Program.run(["export", "dynamic.dmo", "--columns", "source"], in: folder).out.contains("initial"))
  }
}
