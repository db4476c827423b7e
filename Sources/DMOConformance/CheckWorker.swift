import CDMOHost
import DMOCore
import DMOHost
import Foundation

/// The hidden subcommand `check-worker`: runs one check of one plugin and answers with one line.
///
/// Descriptors: 0 is /dev/null, 1 and 2 are captured, 3 is the connection, 4 the memory for `Breadcrumb`, 5 a pipe that
/// ends with the parent.
/// - Returns: the exit status: 0, or 2 when no dmo started this process.
public func checkWorkerMain() -> Int32 {
  var kind: Int32 = 0
  var size = socklen_t(MemoryLayout<Int32>.size)
  guard getsockopt(3, SOL_SOCKET, SO_TYPE, &kind, &size) == 0,
    let page = mmap(nil, Breadcrumb.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, 4, 0), page != MAP_FAILED,
    let line = readLine(from: 3), let request = try? JSONDecoder().decode(CheckRequest.self, from: line)
  else {
    Foundation.write(2, "error: a check worker is started by dmo itself, never by hand\n", 62)
    return 2
  }
  for fd in [3, 4, 5] as [Int32] { _ = fcntl(fd, F_SETFD, FD_CLOEXEC) }
  dmo_no_core_files()
  dmo_line_buffer_output()
  _ = dmo_adopt_orphans()
  for name in ["cwd", "tmp", "files"] { mkdir(request.scratch + "/" + name, 0o700) }
  chdir(request.scratch + "/cwd")
  setenv("TMPDIR", request.scratch + "/tmp", 1)
  watchParent(scratch: request.scratch)

  let run = CheckRun(request, crumb: page)
  let reply = answer(run)
  // A check that ends the instance itself has closed it before.
  run.close()
  dmo_flush_all()
  let bytes = ((try? JSONEncoder().encode(reply)) ?? Data()) + Data([0x0A])
  send(bytes)
  // Nothing of the plugin's exit handlers may change what was answered.
  _exit(0)
}

private func answer(_ run: CheckRun) -> CheckReply {
  func reply(_ verdict: Verdict, owner: String? = nil) -> CheckReply {
    CheckReply(
      outcome: verdict.outcome, message: verdict.message, point: verdict.point, next: verdict.next, owner: owner)
  }
  let body = run.request.check == Survey.id ? Survey.body : Registry.check(run.request.check)?.body
  guard let body else { return reply(.skip("unknown check")) }
  do {
    return reply(try body(run))
  } catch let broken as Broken {
    return reply(broken.verdict, owner: broken.owner)
  } catch let error as PluginError {
    guard let owner = error.owner else { return reply(.skip(error.detail), owner: "usage") }
    return reply(.fail(error.detail), owner: owner)
  } catch let error as PluginCallError {
    return reply(.fail("\(error.status): \(error.message)"))
  } catch {
    return reply(.fail("\(error)"))
  }
}

private func readLine(from fd: Int32) -> Data? {
  var line = Data()
  var byte: UInt8 = 0
  while true {
    let count = read(fd, &byte, 1)
    if count < 0 && errno == EINTR { continue }
    if count <= 0 { return nil }
    if byte == 0x0A { return line }
    line.append(byte)
  }
}

private func send(_ bytes: Data) {
  var rest = bytes
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { dmo_send(3, $0.baseAddress, $0.count, 1) }
    if count < 0 && errno == EINTR { continue }
    if count <= 0 { return }
    rest = rest.dropFirst(count)
  }
}

/// Ends the whole group when the parent is gone, even while the plugin hangs.
private func watchParent(scratch: String) {
  let thread = Thread {
    var byte: UInt8 = 0
    while true {
      let count = read(5, &byte, 1)
      if count > 0 || (count < 0 && errno == EINTR) { continue }
      _ = dmo_remove_tree(scratch)
      kill(0, SIGKILL)
    }
  }
  thread.start()
}
