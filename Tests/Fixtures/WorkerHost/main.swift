// What the command line's hidden subcommand `worker` does, without the command line.
import DMOWorker

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

exit(workerMain())
