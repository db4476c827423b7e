// dmo's own host code (DMOHost), built by abi.sh with one header or another: what a plugin says and answers.
import CDMO
import DMOCore
import DMOHost

let library = try PluginLibrary(path: CommandLine.arguments[1], host: HostSettings(threads: 3))
let instance = try PluginInstance(library, options: ["corner": "slow"], host: HostSettings(threads: 3))
print("plugin", library.info.id, library.info.version)
for p in instance.spec.space.parameters { print("param", p) }
for o in instance.spec.outputs.outputs { print("output", o) }
for o in instance.problem.options { print("option", o) }
for f in instance.problem.fidelities { print("level", f) }
let point: [Double] = [3, 1, 2, 1]
print("evaluate", instance.evaluate(EvaluationRequest(id: 1, x: point)))
print("coarse", instance.evaluate(EvaluationRequest(id: 2, x: point, fidelity: 1)))
print("infeasible", instance.evaluate(EvaluationRequest(id: 3, x: [60, 1, 2, 1])))
print("vjp", instance.vjp(EvaluationRequest(id: 4, x: point), ybar: [1, 1, 1, 1]).xbar ?? [])
print("batch", instance.evaluateBatch([1, 2].map { EvaluationRequest(id: $0, x: point) }).map { $0.y })
var y: [Double] = [0, 3, 0, 0]
try instance.compose(rows: 1, x: point, y: &y)
print("compose", y)
print("reference", try instance.referencePoints())
print("draw", try instance.draw(EvaluationRequest(id: 5, x: point)))
// The line that tells one host from the other.
print("sizes", MemoryLayout<dmo_param>.size, MemoryLayout<dmo_host>.size, MemoryLayout<dmo_call>.size, DMO_ABI_MINOR)
