import Foundation
import Testing

@Suite struct ImportTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func dmo(_ arguments: String...) throws -> Ran { try Program.run(arguments, in: folder) }

  @Test("an export is imported as a warm start, which a resume goes on from", arguments: [false, true])
  func warmStart(_ units: Bool) throws {
    #expect(
      try dmo("run", "--plugin", Moody.path, "--search", "random", "--budget", "20", "--study", "old.dmo", "--set", "mood=infeasible")
        .status == 0)
    #expect(try Program.run(["export", "old.dmo", "-o", "old.csv"] + (units ? ["--units"] : []), in: folder).status == 0)
    let made = try dmo("import", "old.csv", "--plugin", Moody.path, "--search", "gradient", "--budget", "10", "--study", "new.dmo")
    #expect(made.status == 0 && made.out.contains("20 evaluations imported (16 ok, 4 infeasible"), "\(made.err)")
    let columns = ["--columns", "x,y,phase[0],f,g,twice[1],status,message"]
    let before = table(try Program.run(["export", "old.dmo"] + columns, in: folder).out)
    let resumed = try dmo("resume", "new.dmo")
    #expect(resumed.status == 0, "\(resumed.err)")
    let after = table(try Program.run(["export", "new.dmo"] + columns, in: folder).out)
    #expect(after.count == 31 && Array(after.prefix(21)) == before)
    #expect(try dmo("check", "new.dmo").status == 0)
    // The 20 points are learnt: the search starts with its model, not with a design.
    let sources = table(try dmo("export", "new.dmo", "--columns", "source").out).map { $0[0] }
    #expect(sources.filter { $0 == "import" }.count == 20 && !sources.contains("initial"))
  }

  @Test("a table that does not fit is refused before a study is made", arguments: [
    ("x,y,f\n1,1,2\n", "phase"), ("", "is empty"), ("x,y,phase[0],phase[1],f,g,twice[0],twice[1]\n", "no row with a result"),
    ("x,y,phase[0],phase[1],f,g,twice[0],twice[1]\n9,0,0,0,1,1,1,1\n", "outside its range"),
    ("x,y,phase[0],phase[1],f,g,twice[0],twice[1],status\n1,0,0,0,1,1,1,,ok\n", "twice[1]"),
  ])
  func refused(_ text: String, _ words: String) throws {
    _ = try folder.write("bad.csv", text)
    let made = try dmo("import", "bad.csv", "--plugin", Moody.path, "--study", "bad.dmo")
    #expect(made.status == 2 && made.err.contains(words), "\(made.err)")
    #expect(!folder.exists("bad.dmo"))
    let without = try dmo("import", "bad.csv")
    #expect(without.status == 2 && without.err.contains("--problem-file"))
  }

  @Test("--points are simulated first, whatever results stand beside them")
  func points() throws {
    _ = try folder.write("points.csv", "y,x,phase[1],phase[0],f\n1,2,0.5,-1,99\n-2,1,0,0,99\n")
    let ran = try dmo(
      "run", "--plugin", Moody.path, "--search", "random", "--budget", "5", "--study", "p.dmo", "--points", "points.csv")
    #expect(ran.status == 0, "\(ran.err)")
    let rows = table(try dmo("export", "p.dmo", "--columns", "x,y,phase[0],phase[1],f,source").out)
    #expect(rows[1] == ["2.0", "1.0", "-1.0", "0.5", "10.0", "given"] && rows[2].prefix(5) == ["1.0", "-2.0", "0.0", "0.0", "0.0"])
    #expect(rows.count == 6 && rows[3][5] == "random")
  }

  @Test("a grid is walked to its end and says so")
  func grid() throws {
    let ran = try dmo(
      "run", "--plugin", Moody.path, "--search", "grid", "--search-set", "levels=x:3,y:3,phase:1", "--budget", "50", "--study", "g.dmo")
    #expect(ran.status == 0 && ran.err.contains("no further point"), "\(ran.err)")
    let rows = table(try dmo("export", "g.dmo", "--columns", "x,y").out).dropFirst()
    #expect(rows.count == 9 && Set(rows.map { $0[0] }) == ["-5.0", "0.0", "5.0"])
  }

  @Test("JSON with units begins with them")
  func units() throws {
    _ = try dmo("run", "--plugin", Moody.path, "--search", "random", "--budget", "2", "--study", "u.dmo")
    let out = try dmo("export", "u.dmo", "--format", "json", "--units", "--columns", "x,f").out
    let parsed = try JSONSerialization.jsonObject(with: Data(out.utf8)) as? [[String: Any]]
    #expect(parsed?.count == 3 && (parsed?[0]["units"] as? [String: String]) == ["x": "m", "f": "m2"])
  }

  @Test("HDF5 needs a file, an objective and a library, and says which is missing")
  func hdf5Refused() throws {
    _ = try dmo("run", "--plugin", Moody.path, "--search", "random", "--budget", "2", "--study", "h.dmo")
    let stream = try dmo("export", "h.dmo", "--format", "hdf5")
    #expect(stream.status == 2 && stream.err.contains("--output"))
    let columns = try dmo("export", "h.dmo", "--format", "hdf5", "-o", "h.h5", "--columns", "x")
    #expect(columns.status == 2)
    let over = try dmo("export", "h.dmo", "--format", "hdf5", "-o", "h.dmo")
    #expect(over.status == 5 && over.err.contains("not overwritten"))
  }
}
