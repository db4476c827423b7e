// What the command line's hidden subcommand `worker` does, without the command line. With `hold PLUGIN FILE` it is a
// dmo whose worker hangs: the worker's process id is written to FILE. With `tables` see Tables.swift.
import DMOCore
import DMOHost
import DMOWorker

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "leave" {
  // A dmo that ends without taking leave of its workers.
  let pool = try WorkerPool(PluginSelection(path: CommandLine.arguments[2]), settings: WorkerSettings(arguments: []))
  pool.submit(EvaluationRequest(id: 1, x: [0, 21]))
  exit(pool.next(timeout: 10)?.y == [42] ? 0 : 1)
}
if CommandLine.arguments.count == 4, CommandLine.arguments[1] == "hold" {
  let file = CommandLine.arguments[3]
  let settings = WorkerSettings(arguments: []) { event in
    // misbehave.c says its process id this way.
    guard case .progress(_, let fraction) = event, let output = fopen(file + ".part", "w") else { return }
    fputs("\(Int(fraction * 4_194_304))", output)
    fclose(output)
    rename(file + ".part", file)
  }
  let pool = try WorkerPool(PluginSelection(path: CommandLine.arguments[2]), settings: settings)
  pool.submit(EvaluationRequest(id: 1, x: [3, 0]))
  _ = pool.next(timeout: 60)
  exit(1)
}
if CommandLine.arguments.count == 5, CommandLine.arguments[1] == "tables",
  let first = UInt64(CommandLine.arguments[3]), let end = UInt64(CommandLine.arguments[4])
{
  exit(serveTables(path: CommandLine.arguments[2], seeds: first..<end))
}
exit(workerMain())
