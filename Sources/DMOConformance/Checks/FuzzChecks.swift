import CDMOHost
import DMOCore
import DMOHost

let fuzzChecks: [Check] = [
  Check(
    "fuzz.sequence", .deep, "Random sequences of create, evaluate, cancel and destroy keep every rule.",
    why: "Long runs meet orders of calls that nobody thought of.",
    fix: "Repeat it with the seed that is shown: the sequence is the same."
  ) { run in
    let isSingle = try run.isOneInstance
    let limit = isSingle ? 1 : 6
    var rng = run.stream("fuzz")
    var living: [(instance: PluginInstance, probe: EvaluationProbe)] = []
    var steps = 0
    while steps == 0 || (run.hasTime && steps < 20_000) {
      steps += 1
      if living.isEmpty || (living.count < limit && rng.index(below: 16) == 0) {
        // A plugin of one instance has the run's own, which knows its outputs.
        let instance = isSingle ? try run.instance() : try run.makeInstance()
        living.append((instance, EvaluationProbe(instance)))
        continue
      }
      let chosen = rng.index(below: living.count)
      if !isSingle && rng.index(below: 24) == 0 {
        run.note("step \(steps): destroy() (seed \(run.request.seed))")
        living.remove(at: chosen)
        continue
      }
      let (instance, probe) = living[chosen]
      let ask = run.ask(run.randomPoint(instance.spec.space, &rng), id: UInt64(steps))
      let cancels = rng.index(below: 8) == 0
      dmo_store_byte(run.cancelFlag, cancels ? 1 : 0)
      run.note("step \(steps), \(living.count) instances, evaluating \(run.words(ask))")
      let answer = probe.evaluate(ask)
      dmo_store_byte(run.cancelFlag, 0)
      if let trouble = try run.basicTrouble(answer) {
        return .fail("step \(steps): \(trouble.words)", at: run.words(ask))
      }
      if answer.status == 6 {
        if isSingle { return .pass("\(steps) steps, the last of them FATAL") }
        living.remove(at: chosen)
      }
    }
    run.note("destroy()")
    living = []
    return .pass("\(steps) steps")
  }
]
