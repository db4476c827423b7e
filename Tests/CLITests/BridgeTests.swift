import Foundation
import Testing

/// Simulators that are programs or Python modules, through the two bridge plugins.
@Suite struct BridgeTests {
  let folder: Folder
  let command = Program.folder + "/libcommand.so"
  let python = Program.folder + "/libpython.so"

  init() throws {
    folder = try Folder()
    _ = try folder.write(
      "bowl.toml",
      """
      [[parameter]]
      id = "x"
      min = -5
      max = 5
      [[parameter]]
      id = "n"
      kind = "integer"
      min = 1
      max = 4
      [[parameter]]
      id = "mode"
      kind = "categorical"
      choices = ["soft", "hard one"]
      [[output]]
      id = "f"
      role = "minimize"
      unit = "m2"
      [[output]]
      id = "g"
      role = "at-most"
      bound = 2
      """)
  }

  private func dmo(_ arguments: String...) throws -> Ran { try Program.run(arguments, in: folder) }

  /// An executable script.
  private func script(_ name: String, _ text: String) throws -> String {
    let path = try folder.write(name, text)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  /// f = (x − 1)² + n, g = x, read from Dakota's layout.
  private let simulator = """
    #!/bin/sh
    # program params.in results.out
    x=$(awk '$2 == "x" { print $1 }' "$1") n=$(awk '$2 == "n" { print $1 }' "$1")
    [ "$(awk '$2 == "functions" { print $1 }' "$1")" = 2 ] || exit 9
    awk -v x="$x" -v n="$n" 'BEGIN { printf "%.17g f\\n%.17g g\\n", (x - 1) ^ 2 + n, x }' > "$2"
    """

  @Test("a program with Dakota's interface is optimised, each evaluation in a folder of its own")
  func dakota() throws {
    _ = try script("sim.sh", simulator)
    let ran = try dmo(
      "run", "--plugin", command, "--set", "run=./sim.sh", "--set", "problem=bowl.toml", "--search", "lhs", "--budget", "12",
      "--jobs", "2", "--study", "a.dmo")
    #expect(ran.status == 0, "\(ran.err)")
    let rows = table(try dmo("export", "a.dmo", "--columns", "x,n,f,g,status").out).dropFirst()
    #expect(rows.count == 12)
    for row in rows {
      let (x, n) = (try #require(Double(row[0])), try #require(Double(row[1])))
      let f = try #require(Double(row[2]))
      #expect(row[4] == "ok" && abs(f - ((x - 1) * (x - 1) + n)) < 1e-12 && row[3] == row[0])
    }
    #expect(!folder.exists("params.in") && !folder.exists("eval-1"))
  }

  @Test("templates are filled in, JSON goes both ways, folders are kept when asked for")
  func templates() throws {
    _ = try folder.write("deck.inp.template", "X {{x}} / {{ n }} / {{mode}}\n")
    _ = try script(
      "sim.py",
      """
      #!/usr/bin/env python3
      import json, sys
      given = json.load(open(sys.argv[2]))
      deck = open("deck.inp").read().split(" / ")
      assert deck == [f"X {given['x']!r}", str(given["n"]), given["mode"] + "\\n"], deck
      json.dump({"f": given["x"] ** 2, "g": given["n"]}, open(sys.argv[1], "w"))
      """)
    let ran = try dmo(
      "eval", "--plugin", command, "--set", "run=./sim.py {results} {params}", "--set", "problem=bowl.toml", "--set",
      "format=json", "--set", "template=deck.inp.template", "--set", "keep=kept", "--at", "x=0.1", "--at", "n=3", "--at",
      "mode=hard one", "--output", "-")
    #expect(ran.status == 0 && ran.out.contains("0.1,3,hard one,0.010000000000000002,3.0,ok,"), "\(ran.out) \(ran.err)")
    #expect(try String(contentsOfFile: folder.file("kept/eval-1/deck.inp"), encoding: .utf8) == "X 0.1 / 3 / hard one\n")
  }

  @Test("what a program does wrong costs its evaluation, with the reason", arguments: [
    ("exit 3", "failed", "exit status 3"), ("kill -SEGV $$", "failed", "signal 11"), ("true", "failed", "wrote no results.out"),
    ("echo 1 > $2", "failed", "no number for g"), ("echo one > $2", "failed", "'one' is not a number"),
    ("printf '1\\n2\\n3\\n' > $2", "failed", "more numbers than outputs"), ("echo '1 h' > $2", "failed", "no output 'h'"),
    ("echo 'FAIL no licence' > $2", "failed", "no licence"), ("printf '7 g\\ninfeasible no mesh\\n' > $2", "infeasible", "no mesh"),
  ])
  func faults(_ body: String, _ status: String, _ reason: String) throws {
    _ = try script("sim.sh", "#!/bin/sh\n" + body + "\n")
    let ran = try dmo(
      "eval", "--plugin", command, "--set", "run=./sim.sh", "--set", "problem=bowl.toml", "--at", "x=1", "--at", "n=1",
      "--at", "mode=soft", "--output", "-")
    let row = try #require(table(ran.out).last)
    #expect(row[5] == status && row[6...].joined(separator: ",").contains(reason), "\(ran.out) \(ran.err)")
    if status == "infeasible" { #expect(row[3...4] == ["", "7.0"]) }
  }

  @Test("a deadline ends the program and what it started", arguments: ["command", "python"])
  func deadline(_ bridge: String) throws {
    _ = try script("sim.sh", "#!/bin/sh\n(sleep 300 & echo $! > \(folder.path)/grandchild; wait) \n")
    _ = try folder.write(
      "slow.py",
      """
      import subprocess
      parameters, outputs = {"x": (0, 1)}, {"f": "minimize"}
      def evaluate(x):
          subprocess.run(["\(folder.path)/sim.sh"])
      """)
    let which =
      bridge == "command"
      ? ["--plugin", command, "--set", "run=./sim.sh", "--set", "problem=bowl.toml"]
      : ["--plugin", python, "--set", "module=slow"]
    let ran = try Program.run(
      ["run", "--search", "lhs", "--budget", "1", "--eval-timeout", "2s", "--study", "t.dmo"] + which, in: folder)
    #expect(ran.status == 0, "\(ran.err)")
    #expect(table(try dmo("export", "t.dmo", "--columns", "status").out)[1] == ["timed-out"])
    let text = try String(contentsOfFile: folder.file("grandchild"), encoding: .utf8)
    let pid = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(eventually(within: 5) { kill(pid, 0) != 0 || isZombie(pid) })
  }

  /// Ended, but not yet collected by whoever inherited it.
  private func isZombie(_ pid: Int32) -> Bool {
    (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ") == true
  }

  private let model = """
    import os, signal
    class Infeasible(Exception): pass
    parameters = {"x": (-5, 5), "n": range(1, 5), "gas": ["argon", "oxygen"], "on": bool,
                  "v": {"min": 0, "max": 1, "count": 3, "unit": "m"}}
    outputs = {"f": "minimize", "g": ("at-most", 2), "trace": {"role": "observe", "count": 2, "may_be_nan": True}}
    scale = 1.0
    def setup(factor=1.0):
        global scale
        scale = factor
    def evaluate(x, seed):
        assert isinstance(x["n"], int) and isinstance(x["on"], bool) and x["gas"] in ("argon", "oxygen")
        print("evaluating", x["x"])
        if x["x"] > 4: raise Infeasible("out of the dish")
        if x["x"] > 3: raise ValueError("not now")
        if x["x"] > 2: os.kill(os.getpid(), signal.SIGSEGV)
        if x["x"] > 1: return {"f": 1.0}
        return {"f": scale * (x["x"] + 2) ** 2 + sum(x["v"]), "g": x["n"] / 4, "trace": [float("nan"), seed % 7]}
    """

  @Test("a Python function is a problem; a crash of the model costs its evaluation only")
  func pythonModule() throws {
    _ = try folder.write("my_model.py", model)
    _ = try folder.write(
      "points.csv",
      "x,n,gas,on,v[0],v[1],v[2]\n"
        + ["4.5", "3.5", "2.5", "1.5", "0"].map { "\($0),4,oxygen,true,0.25,0.5,0.75\n" }.joined())
    let ran = try dmo(
      "eval", "--plugin", python, "--set", "module=my_model", "--set", #"options={"factor": 2}"#, "--input", "points.csv",
      "--output", "out.csv")
    #expect(ran.status == 0, "\(ran.err)")
    let rows = table(try String(contentsOfFile: folder.file("out.csv"), encoding: .utf8)).dropFirst().map { $0.suffix(6).map { $0 } }
    #expect(rows.map { $0[4] } == ["infeasible", "failed", "failed", "failed", "ok"])
    #expect(rows[0][5] == "out of the dish" && rows[1][5] == "ValueError: not now")
    #expect(rows[2][5].contains("signal 11") && rows[3][5].contains("the output g is missing"))
    #expect(rows[4].prefix(3) == ["9.5", "1.0", ""] && Double(rows[4][3]).map { 0..<7 ~= $0 } == true)
    let optimised = try dmo(
      "run", "--plugin", python, "--set", "module=my_model.py", "--search", "random", "--budget", "10", "--study", "p.dmo")
    #expect(optimised.status == 0, "\(optimised.err)")
    let printed = try dmo("export", "p.dmo", "--columns", "printed").out
    #expect(printed.components(separatedBy: "evaluating").count == 11, "\(printed)")
  }

  @Test("a module that cannot be loaded says why", arguments: [
    ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
    ("parameters = 3", "no function evaluate"), ("def evaluate(x): pass", "no dict 'parameters'"),
    ("def evaluate(x): pass\nparameters={'x': 3}\noutputs={'f': 'minimize'}", "parameter x: write (min, max)"),
    ("def evaluate(x): pass\nparameters={'x': (1, 0)}\noutputs={'f': 'minimize'}", "are no range"),
    ("import os\nos._exit(4)", "exit status 4"),
  ])
  func badModule(_ text: String, _ words: String) throws {
    _ = try folder.write("bad.py", text + "\n")
    let ran = try dmo("eval", "--plugin", python, "--set", "module=bad", "--at", "x=0")
    #expect(ran.status != 0 && ran.err.contains(words), "\(ran.err)")
  }

  @Test("an interpreter that is not there is named")
  func noPython() throws {
    _ = try folder.write("my_model.py", model)
    let ran = try dmo("eval", "--plugin", python, "--set", "module=my_model", "--set", "python=/nowhere/python", "--at", "x=0")
    #expect(ran.status != 0 && ran.err.contains("/nowhere/python cannot be started"), "\(ran.err)")
  }
}
