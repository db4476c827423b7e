import Foundation
import Testing

@Suite struct SensitivityCLITests {
  @Test("sensitivities of a study are told for every output and parameter, as tables and as JSON, without the plugin")
  func sensitivity() throws {
    let folder = try Folder()
    let run = try Program.run(
      ["run", "--plugin", Moody.path, "--search", "lhs", "--budget", "40", "--study", "a.dmo"], in: folder)
    #expect(run.status == 0, "\(run.err)")
    let quick = ["--trainer-set", "members=1", "--trainer-set", "cold_epochs=40", "--points", "64", "--base", "32"]
    let text = try Program.run(["sensitivity", "a.dmo"] + quick, in: folder)
    #expect(text.status == 0, "\(text.err)")
    #expect(text.out.contains("bound on ST") && text.out.contains("\nf\n") && text.out.contains("\ng\n"))
    let json = try Program.run(["sensitivity", "a.dmo", "--json"] + quick, in: folder)
    let object = try #require(JSONSerialization.jsonObject(with: Data(json.out.utf8)) as? [String: Any])
    let outputs = try #require(object["outputs"] as? [String: [String: [String: Any]]])
    #expect(Set(outputs.keys) == ["f", "g"])
    let overall = try #require(object["overall"] as? [String: Double])
    #expect(overall.values.max() == 1 && Set(overall.keys) == Set(outputs["f"].map { Array($0.keys) } ?? []))
    let bad = try Program.run(["sensitivity", "a.dmo", "--trainer", "nonsense"], in: folder)
    #expect(bad.status == 2 && bad.err.contains("nonsense"))
  }
}
