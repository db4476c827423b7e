import DMOHost
import DMOTestSupport
import Testing

@Suite("Tables that break a rule of dmo.h")
struct TableTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let definitions: [String]
    /// What the message must say.
    let words: String
    init(_ what: String, _ definitions: [String], _ words: String) {
      (testDescription, self.definitions, self.words) = (what, definitions, words)
    }
  }

  static let cases: [Case] = [
    Case("NaN bounds", ["PARAM=.min=NAN,.max=1"], "parameter a: bounds nan … 1.0 are not finite"),
    Case("infinite bounds", ["PARAM=.min=0,.max=INFINITY"], "are not finite"),
    Case("inverted bounds", ["PARAM=.min=2,.max=1"], "min 2.0 is above max 1.0"),
    Case("a range without a width", ["PARAM=.min=-1e308,.max=1e308"], "wider than a number can say"),
    Case("a step without an effect", ["PARAM=.max=1,.step=5e-324"], "more than 2^53 parts"),
    Case("log from zero", ["PARAM=.min=0,.max=1,.scale=DMO_LOG"], "needs min > 0"),
    Case("fractional integer", ["PARAM=.kind=DMO_INTEGER,.min=0.5,.max=1"], "not whole numbers"),
    Case("huge integer", ["PARAM=.kind=DMO_INTEGER,.max=1e17"], "within ±2^53"),
    Case("step of an integer", ["PARAM=.kind=DMO_INTEGER,.max=9,.step=2"], "step is for real parameters only"),
    Case("negative step", ["PARAM=.max=1,.step=-1"], "step is -1.0"),
    Case("endless grid", ["PARAM=.max=1,.step=1e-300"], "more than 2^53 parts"),
    Case("endless range", ["PARAM=.min=-1e308,.max=1e308"], "wider than a number can say"),
    Case("unknown kind", ["PARAM=.kind=9,.max=1"], "kind is 9"),
    Case("no choices", ["PARAM=.kind=DMO_CATEGORICAL"], "choices is NULL"),
    Case("a ragged block", ["PARAM=.max=1,.count=7,.columns=2"], "7 numbers do not fill rows of 2"),
    Case("absurd block", ["PARAM=.max=1,.count=4000000000u"], "more than 4194304 numbers"),
    Case("initial outside", ["PARAM=.max=1,.has_initial=1,.initial=5"], "initial is 5.0"),
    Case("periodic point", ["PARAM=.min=1,.max=1,.periodic=1"], "needs min < max"),
    Case("bad id", ["PARAM_ID=\"Width\""], "the id must be"),
    Case("empty id", ["PARAM_ID=\"\""], "id is empty"),
    Case("missing id", ["PARAM_ID=0"], "id is NULL"),
    Case("id that is not UTF-8", ["PARAM_ID=\"a\\xff\""], "not valid UTF-8"),
    Case("control characters", ["PARAM=.max=1,.unit=\"\\033[2J\""], "control characters"),
    Case("duplicate parameter", ["SPEC=.param_count=2,.output_count=1"], "another parameter has this id"),
    Case("parameter and output alike", ["OUTPUT_ID=\"a\""], "another parameter or output has this id"),
    Case("absurd count", ["SPEC=.param_count=4000000000u,.output_count=1"], "4000000000 parameters"),
    Case("no parameters", ["SPEC=.output_count=1"], "there are no parameters"),
    Case("no outputs", ["SPEC=.param_count=1"], "there are no outputs"),
    Case("NaN bound", ["OUTPUT=.role=DMO_AT_MOST,.bound=NAN"], "bound is nan"),
    Case("block with a role", ["OUTPUT=.count=3"], "a block can only be observed"),
    Case("NaN goal", ["OUTPUT=.flags=DMO_MAY_BE_NAN"], "observed outputs only"),
    Case("unknown role", ["OUTPUT=.role=5"], "role is 5"),
    Case("negative scale", ["OUTPUT=.scale=-1"], "scale is -1.0"),
    Case("short spec", ["SIZES=.struct_size=16,.param_size=88,.output_size=56"], "struct_size is 16"),
    Case("zero stride", ["SIZES=.struct_size=40,.param_size=0,.output_size=56"], "size of one element is 0"),
    Case("odd stride", ["SIZES=.struct_size=40,.param_size=91,.output_size=56"], "size of one element is 91"),
    Case("short problem", ["PROBLEM=.struct_size=8"], "struct_size is 8"),
    Case("no evaluate", ["PROBLEM=.struct_size=sizeof problem,.evaluate=0"], "evaluate is NULL"),
    Case("no spec", ["PROBLEM=.struct_size=sizeof problem,.spec=0"], "neither spec nor describe() is set"),
    Case("unknown threads", ["PROBLEM=.struct_size=sizeof problem,.threads=3"], "threads is 3"),
    Case("bad problem id", ["PROBLEM=.struct_size=sizeof problem,.id=\"Two Words\""], "the id must be"),
    Case("duplicate problems", ["PLUGIN=.struct_size=sizeof plugin,.problem_count=2"], "two problems have this id"),
    Case("absurd problems", ["PLUGIN=.struct_size=sizeof plugin,.problem_count=4000000000u"], "4000000000 problems"),
    Case("no problems", ["PLUGIN=.struct_size=sizeof plugin"], "the plugin has no problem"),
    Case("no version", ["PLUGIN=.struct_size=sizeof plugin,.problem_count=1,.version=0"], "version is NULL"),
    Case(
      "bad default",
      ["PROBLEM=.struct_size=sizeof problem,.option_count=1", "OPTION=.key=\"k\",.default_text=\"maybe\""],
      "the default is not allowed"),
    Case(
      "unknown option kind", ["PROBLEM=.struct_size=sizeof problem,.option_count=1", "OPTION=.key=\"k\",.kind=6"],
      "kind is 6"),
  ]

  @Test("each is refused with its own message", arguments: cases)
  func refused(_ table: Case) {
    let path = Fixtures.plugin("Hostile/table", table.definitions)
    let error = #expect(throws: PluginError.self) { try PluginLibrary(path: path) }
    #expect(error?.code == .badTable)
    #expect(error?.detail.contains(table.words) == true, "\(error?.detail ?? "")")
    #expect(error?.path == path)
  }

  @Test("the same table without a fault is taken, also when its structures are longer than this host's")
  func taken() throws {
    let info = try PluginLibrary(path: Fixtures.plugin("Hostile/table")).info
    #expect(info.problems[0].spec?.space.labels == ["a"])
    let grown = try PluginLibrary(
      path: Fixtures.plugin(
        "Hostile/table", ["GROWN", "PLUGIN=.struct_size=sizeof plugin,.problem_count=1,.abi_minor=7"])
    ).info
    #expect(grown.abiMinor == 7)
    #expect(grown.problems[0].spec?.space.parameters.map(\.max) == [1, 2])
    #expect(grown.problems[0].spec?.outputs.labels == ["y", "z"])
  }
}
