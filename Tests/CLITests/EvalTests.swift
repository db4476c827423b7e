import Foundation
import Testing

@Suite struct EvalTests {
  let folder: Folder
  init() throws { folder = try Folder() }
  private var plugin: [String] { ["eval", "--plugin", Moody.path] }

  @Test("a table is answered in its order, in full precision, whatever the order of its columns")
  func tableInOrder() throws {
    let input = try folder.write(
      // Line ends as spreadsheets write them.
      "in.csv", "phase[1],y,x,phase[0]\r\n0,0.30000000000000004,1,0\r\n1,-2,-4.9,2\r\n-1,5,5,-3\r\n")
    let ran = try Program.run(plugin + ["--input", input, "--output", "out.csv", "--jobs", "3"], in: folder)
    #expect(ran.status == 0, "\(ran.err)")
    #expect(ran.out.isEmpty)
    let rows = table(try String(contentsOfFile: folder.file("out.csv"), encoding: .utf8))
    #expect(rows[0] == ["x", "y", "phase[0]", "phase[1]", "f", "g", "twice[0]", "twice[1]", "status", "message"])
    #expect(rows.count == 4)
    let y = 0.30000000000000004
    #expect(Double(rows[1][4]) == (y + 2) * (y + 2))
    #expect(Double(rows[1][5]) == 1 + y)
    #expect(Double(rows[2][4]) == (-4.9 - 1) * (-4.9 - 1))
    #expect(rows[3][8] == "ok")
  }

  @Test("periodic parameters are wrapped, all others must be in bounds")
  func bounds() throws {
    let wrapped = try Program.run(
      plugin + ["-i", "-", "-o", "-"], in: folder, input: "x,y,phase[0],phase[1]\n1,1,4,-100\n")
    #expect(wrapped.status == 0, "\(wrapped.err)")
    let row = table(wrapped.out)[1]
    #expect(Double(row[2]) == -2)
    #expect(Double(row[3]) == 2)
    let outside = try Program.run(
      plugin + ["-i", "-", "-o", "out.csv"], in: folder, input: "x,y,phase[0],phase[1]\n1,1,0,0\n1,5.5,0,0\n")
    #expect(outside.status == 2)
    #expect(outside.err.contains("line 3") && outside.err.contains("y = 5.5") && outside.err.contains("-5"))
    #expect(!folder.exists("out.csv"))
  }

  @Test(
    "bad tables are refused before anything runs, and the message names what is wrong",
    arguments: [
      ("x,y,phase[0]\n1,1,1\n", "phase[1]"), ("x,y,phase[0],phase[1],z\n1,1,1,1,1\n", "'z'"),
      ("x,y,phase[0],phase[1]\n1,1,1\n", "line 2"), ("x,y,phase[0],phase[1]\n1,1,1,1\n1,1,1\n", "line 3: 3 cells"),
      ("x,y,phase[0],phase[1]\n1,1,1,1\n1,1,1,1,1\n", "line 3: 5 cells"),
      ("x,y,phase[0],phase[1]\n\n1,1,1,1\n", "line 2: is empty"), ("x,y,phase[0],phase[1]\n1,one,1,1\n", "'one'"),
      ("x,x,y,phase[0],phase[1]\n1,1,1,1,1\n", "twice"), ("", "empty"),
      ("x,y,phase[0],phase[1]\n1,nan,1,1\n", "y = nan"),
    ])
  func badTable(_ text: String, _ part: String) throws {
    let ran = try Program.run(plugin + ["-i", "-", "-o", "out.csv"], in: folder, input: text)
    #expect(ran.status == 2)
    #expect(ran.err.contains(part), "\(ran.err)")
    #expect(!folder.exists("out.csv"))
  }

  @Test("empty lines at a table's end are passed over")
  func emptyLinesAtTheEnd() throws {
    let ran = try Program.run(plugin + ["-i", "-"], in: folder, input: "x,y,phase[0],phase[1]\n1,1,1,1\n\n\n")
    #expect(ran.status == 0, "\(ran.err)")
    #expect(table(ran.out).count == 2)
  }

  @Test("a row that fails is a row of the answer, and the exit status is 0")
  func failures() throws {
    let rows = (0..<10).map { _ in "1,1,1,1" }.joined(separator: "\n")
    for (mood, status) in [
      ("crash", "crashed"), ("quit", "crashed"), ("overrun", "crashed"), ("nan", "bad-output"),
      ("unwritten", "bad-output"), ("fail", "failed"), ("infeasible", "infeasible"),
    ] {
      let ran = try Program.run(
        plugin + ["--set", "mood=\(mood)", "-i", "-", "-o", "-"], in: folder, input: "x,y,phase[0],phase[1]\n\(rows)\n")
      #expect(ran.status == 0, "\(mood): \(ran.err)")
      let statuses = table(ran.out).dropFirst().map { $0[8] }
      #expect(
        statuses.enumerated().allSatisfy { $0.element == (($0.offset + 1) % 5 == 0 ? status : "ok") },
        "\(mood): \(ran.out)")
    }
  }

  @Test("a hanging evaluation is killed at its deadline and the others are answered")
  func deadline() throws {
    let rows = (0..<5).map { _ in "1,1,1,1" }.joined(separator: "\n")
    let ran = try Program.run(
      plugin + ["--set", "mood=hang", "--eval-timeout", "0.5s", "-i", "-"], in: folder,
      input: "x,y,phase[0],phase[1]\n\(rows)\n")
    #expect(ran.status == 0)
    #expect(table(ran.out).dropFirst().map { $0[8] } == ["ok", "ok", "ok", "ok", "timed-out"])
  }

  @Test("one point by --at prints outputs with units and the violated bound")
  func onePoint() throws {
    let at = ["x=3", "y=2", "phase[0]=0", "phase[1]=0"].flatMap { ["--at", $0] }
    let ran = try Program.run(plugin + at, in: folder)
    #expect(ran.status == 0, "\(ran.err)")
    #expect(ran.out.contains("m2") && ran.out.contains("VIOLATED"))
    let missing = try Program.run(plugin + ["--at", "x=3"], in: folder)
    #expect(missing.status == 2)
    #expect(missing.err.contains("y") && missing.err.contains("phase[0]"))
  }
}
