import Foundation
import Testing

/// The shipped op-amp plugin through the program, against figures of the ngspice command line.
@Suite struct OpAmpTests {
  static let shared = URL(fileURLWithPath: Program.root).deletingLastPathComponent().path + "/shared"
  static let hasOracle = FileManager.default.fileExists(atPath: shared + "/oracle/opamp/oracle.csv")
  let folder: Folder
  init() throws { folder = try Folder() }

  /// Both sides run the same solver; the reference is printed by another program with its own tolerances of the
  /// operating point, reltol 1e-9.
  private let tolerance = 1e-6

  @Test(
    "eval agrees with the ngspice command line on 50 sizings with sky130 cards",
    .enabled(if: hasOracle, "../shared/oracle/opamp is not there"))
  func oracle() throws {
    let rows = table(try String(contentsOfFile: Self.shared + "/oracle/opamp/oracle.csv", encoding: .utf8))
    let header = try #require(rows.first)
    let names = ["w_bias", "l_bias", "w_pair", "l_pair", "w_load", "l_load", "w_gain", "l_gain", "ratio", "c_comp"]
    let input = ([names] + rows.dropFirst().map { Array($0.prefix(10)) }).map { $0.joined(separator: ",") }
    let ran = try Program.run(
      [
        "eval", "--plugin", Program.folder + "/libopamp.so", "--problem", "opamp-fom", "--set",
        "models=\(Self.shared)/sky130/sky130_tt_trim.spice", "-i", "-", "-o", "-",
      ], in: folder, input: input.joined(separator: "\n") + "\n")
    #expect(ran.status == 0, "\(ran.err)")
    let answers = table(ran.out)
    #expect(answers.count == rows.count)
    #expect(rows.count > 40)
    for (ours, theirs) in [
      ("gain", "G"), ("ugbw", "UGBW"), ("pm", "PM"), ("power", "power"), ("satmargin", "satmargin"),
    ] {
      let (a, b) = (try #require(answers[0].firstIndex(of: ours)), try #require(header.firstIndex(of: theirs)))
      var largest = 0.0
      for (answer, row) in zip(answers, rows).dropFirst() {
        let (x, y) = (try #require(Double(answer[a])), try #require(Double(row[b])))
        largest = max(largest, abs(x - y) / max(abs(y), 1e-300))
      }
      print("\(ours): largest relative difference \(largest)")
      #expect(largest <= tolerance, "\(ours)")
    }
  }

  @Test("a specification study ends with designs that meet every bound, or says that none is known")
  func specification() throws {
    let ran = try Program.run(
      [
        "run", "--plugin", Program.folder + "/libopamp.so", "--problem", "opamp-spec", "--trainer", "gradpie",
        "--budget",
        "60", "--study", "s.dmo", "--json",
      ], in: folder)
    #expect(ran.status == 0, "\(ran.err)")
    let last = try #require(ran.out.split(separator: "\n").last)
    let result = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
    #expect(result["evaluations"] as? Int == 60)
    for design in try #require(result["front"] as? [[String: Any]]) {
      let y = try #require(design["outputs"] as? [String: Double])
      #expect(try #require(y["pm"]) >= 60)
      #expect(try #require(y["gain"]) >= 1000)
      #expect(try #require(y["satmargin"]) >= 0)
      #expect(try #require(y["vos_abs"]) <= 5e-3)
      #expect(try #require(y["slew"]) >= 1e6)
    }
  }

  @Test("a missing or foreign card file is refused with its name")
  func badModels() throws {
    for (name, text) in [("missing.spice", nil), ("text.spice", "hello\n")] {
      if let text { _ = try folder.write(name, text) }
      let ran = try Program.run(
        ["run", "--plugin", Program.folder + "/libopamp.so", "--set", "models=\(name)", "--budget", "2"], in: folder)
      #expect(ran.status == 3)
      #expect(ran.err.contains(name), "\(ran.err)")
    }
  }
}
