import DMOPluginKit
import PluginTestSupport
import Testing

@Suite("a plugin's tables")
struct TableTests {
  @Test("the entry point gives the same constant table at each call")
  func plugin() throws {
    let table = try #require(toys.export(nil))
    #expect(table == toys.export(nil))
    #expect(table.pointee.struct_size == 72 && table.pointee.abi_minor == 0)
    #expect(text(table.pointee.id) == "org.example.toys" && text(table.pointee.version) == "1.2.3")
    #expect(table.pointee.vendor == nil && text(table.pointee.license) == "Apache-2.0")
    let ids = ["everything", "thrower", "extended", "only-gradient", "counted", "series"]
    #expect(LoadedProblem.problems(table).map { text($0.id) } == ids)
  }

  @Test("threads follow from the conformance and the description, flags from the traits")
  func threads() {
    let problems = LoadedProblem.problems(toys.export(nil))
    #expect(problems.map { Int($0.threads) } == [DMO_THREADS_FREE, DMO_THREADS_PROCESS] + [1, 1, 1, 1])
    #expect(problems.map { Int($0.flags) } == [DMO_HIDDEN_CONSTRAINTS | DMO_STOCHASTIC, 0, 0, 0, 0, 0])
    #expect(problems.allSatisfy { $0.struct_size == 104 && $0.spec == nil })
  }

  @Test("parameters of every kind are declared as the header says")
  func parameters() throws {
    let problem = try LoadedProblem(toys.export(nil), "everything")
    let table = problem.parameters
    #expect(problem.spec.param_size == 88 && problem.spec.output_size == 56)
    #expect(table.map { text($0.id) } == ["width", "fingers", "is_on", "metal", "level", "phase"])
    #expect(
      table.map { Int($0.kind) }
        == [DMO_REAL, DMO_INTEGER, DMO_BOOLEAN, DMO_CATEGORICAL, DMO_CATEGORICAL, DMO_REAL])
    #expect(table[0].scale == UInt32(DMO_LOG) && table[0].min == 1e-6 && table[0].max == 1e-3)
    #expect(table[0].has_initial == 1 && table[0].initial == 1e-5 && text(table[0].name) == "Width")
    #expect(table[1].min == 1 && table[1].max == 16 && table[1].has_initial == 0 && table[1].unit == nil)
    #expect((0..<3).map { text(table[3].choices?[$0]) } == ["steel", "copper", "gold"])
    #expect(table[3].choices?[3] == nil && text(table[4].choices?[1]) == "high")
    #expect(table[5].count == 6 && table[5].columns == 3 && table[5].periodic == 1 && text(table[5].unit) == "rad")
  }

  @Test("outputs keep their roles, bounds and flags; a block may depend on an option")
  func outputs() throws {
    let problem = try LoadedProblem(toys.export(nil), "everything", options: ["stages": "3"])
    let table = problem.outputs
    #expect(table.map { Int($0.role) } == [DMO_MINIMIZE, DMO_AT_LEAST, DMO_AT_MOST, DMO_OBSERVE])
    #expect(table.map(\.bound) == [0, 60, -3, 0] && table.map(\.count) == [0, 0, 0, 3])
    #expect(table[0].scale == 10 && table[3].flags == UInt32(DMO_MAY_BE_NAN))
    #expect(try LoadedProblem(toys.export(nil), "everything").yCount == 5)
  }

  @Test("options carry kind, default, limits and choices")
  func options() throws {
    let problem = try #require(LoadedProblem.problems(toys.export(nil)).first)
    let table = Array(UnsafeBufferPointer(start: problem.options, count: Int(problem.option_count)))
    #expect(problem.option_size == 64)
    #expect(
      table.map { Int($0.kind) }
        == [DMO_OPT_INT, DMO_OPT_REAL, DMO_OPT_BOOL, DMO_OPT_CHOICE, DMO_OPT_STRING, DMO_OPT_PATH])
    #expect(table.map { text($0.default_text) } == ["2", "1.5", "false", "b", "", ""])
    #expect(table[4].default_text == nil && table[0].min == 1 && table[0].max == 3 && table[1].max == 0)
    #expect(text(table[3].choices?[0]) == "a" && table[3].choices?[2] == nil)
  }

  @Test("only what the type conforms to is offered as an extension")
  func extensions() throws {
    let ids = [DMO_EXT_GRADIENT, DMO_EXT_BATCH, DMO_EXT_COMPOSITE, DMO_EXT_REFERENCE]
    let offered = LoadedProblem.problems(toys.export(nil)).map { problem in ids.map { problem.extension($0) != nil } }
    #expect(
      offered == [
        [false, false, false, false], [false, false, false, false], [true, true, true, true],
        [true, false, false, false], [false, false, false, false], [false, false, false, false],
      ])
    let extended = try LoadedProblem(toys.export(nil), "extended")
    #expect(extended.table.extension("dmo.gradient/1x") == nil && extended.table.extension("dmo.nope/1") == nil)
    #expect(extended.extension(DMO_EXT_BATCH, as: dmo_batch.self)?.preferred_size == 4)
    #expect(extended.table.extension(DMO_EXT_BATCH) == extended.table.extension(DMO_EXT_BATCH))
    let only = try LoadedProblem(toys.export(nil), "only-gradient")
    #expect(only.extension(DMO_EXT_GRADIENT, as: dmo_gradient.self)?.jvp == nil)
    #expect(extended.extension(DMO_EXT_GRADIENT, as: dmo_gradient.self)?.jvp != nil)
  }
}
