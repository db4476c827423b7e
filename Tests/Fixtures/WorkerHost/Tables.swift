import DMOCore
import DMOHost
import DMOWorker

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Reads the tables of `Fixtures/Fuzz/tables.c` for one seed after the other, as a worker reads a plugin's, and sends
/// what it finds over descriptor 3, the seed as each frame's id: `done` or `refused` for the tables, `evaluate` for each
/// problem of which an instance was made, `log` at the seed's end.
func serveTables(path: String, seeds: Range<UInt64>) -> Int32 {
  for seed in seeds {
    setenv("DMO_FUZZ_SEED", "\(seed)", 1)
    do throws(PluginError) {
      let library = try PluginLibrary(path: path)
      var frame = WireWriter(.done, id: seed)
      frame.put(library.info)
      send(frame)
      for problem in library.info.problems { serve(problem, of: library, seed) }
    } catch {
      var frame = WireWriter(.refused, id: seed)
      frame.put(error)
      send(frame)
    }
    send(WireWriter(.log, id: seed))
  }
  return 0
}

private func serve(_ problem: ProblemInfo, of library: PluginLibrary, _ seed: UInt64) {
  guard let instance = try? PluginInstance(library, problem: problem.id) else { return }
  let space = instance.spec.space
  // A larger one would only fill memory; its tables have been read by now.
  guard space.dimension <= 1 << 16, instance.spec.outputs.dimension <= 1 << 16 else { return }
  var frame = WireWriter(.evaluate, id: seed)
  frame.put(instance.problem)
  frame.put(instance.evaluate(EvaluationRequest(id: seed, x: (0..<space.dimension).map { space.sample(0.5, at: $0) })))
  let points = (try? instance.referencePoints()) ?? []
  frame.put(points) { $0.put($1) }
  send(frame)
}

private func send(_ frame: consuming WireWriter) {
  let bytes = frame.finished()
  var sent = 0
  while sent < bytes.count {
    let count = bytes.withUnsafeBytes { raw in raw.baseAddress.map { write(3, $0 + sent, raw.count - sent) } ?? -1 }
    // The parent is gone, or ended this process's turn.
    if count <= 0 { exit(1) }
    sent += count
  }
}
