import CDMOHost
import DMOCore
import DMOHost
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The hidden subcommand `worker`: serves the process that spawned this one, until that closes the connection.
///
/// Descriptors: 0 is /dev/null, 1 and 2 are captured, 3 is the connection, 4 a shared page whose first byte asks a call
/// to stop and whose second allows looking for requests without sleeping, 5 a pipe that ends with the parent. All
/// calls of the plugin come from the calling thread.
/// - Returns: the exit status: 0, or 2 when no dmo started this process, or 70 when the parent broke the protocol.
public func workerMain() -> Int32 {
  var kind: Int32 = 0
  var size = socklen_t(MemoryLayout<Int32>.size)
  guard getsockopt(WorkerServer.control, SOL_SOCKET, SO_TYPE, &kind, &size) == 0,
    let page = mmap(nil, 2, PROT_READ, MAP_SHARED, WorkerServer.shared, 0), page != MAP_FAILED
  else {
    fputs("error: a worker is started by dmo itself, never by hand\n", WorkerServer.standardError)
    return 2
  }
  // What the plugin starts must not keep the connection open.
  for fd in [WorkerServer.control, WorkerServer.shared, WorkerServer.life] { _ = fcntl(fd, F_SETFD, FD_CLOEXEC) }
  dmo_no_core_files()
  dmo_line_buffer_output()
  return WorkerServer(flag: UnsafePointer(page.assumingMemoryBound(to: UInt8.self))).serve()
}

/// Answers requests, one after the other.
private final class WorkerServer {
  static let control: Int32 = 3
  static let shared: Int32 = 4
  static let life: Int32 = 5

  private let flag: UnsafePointer<UInt8>
  private let replies = Replies()
  private var frames = FrameBuffer()
  private var library: PluginLibrary?
  private var instance: PluginInstance?
  private var watched: String?
  private var cpuSeconds: Double?
  private var gate = SpinGate()
  private var wasShort = false

  static var standardError: UnsafeMutablePointer<FILE>? { fdopen(2, "w") }

  init(flag: UnsafePointer<UInt8>) { self.flag = flag }

  func serve() -> Int32 {
    while true {
      do throws(WireError) {
        while let frame = try frames.next(limit: Frame.payloadLimit) {
          let start = Clock.now
          let answer = try answer(frame)
          dmo_flush_output()
          replies.send(answer)
          wasShort = Clock.now - start < SpinGate.short
        }
      } catch { return 70 }
      if spins() { continue }
      if frames.receive(from: Self.control, wait: true) == .closed { break }
    }
    instance = nil
    // The parent removes the folder, too, unless it ended without taking leave.
    if let watched, !watched.isEmpty { _ = dmo_remove_tree(watched) }
    return 0
  }

  /// Looks for the next request for a few tens of microseconds. - Returns: whether bytes came.
  private func spins() -> Bool {
    guard wasShort, dmo_load_byte(flag + 1) == 1, gate.opens() else { return false }
    // A connection that was closed is left to the read that waits.
    return gate.look { frames.receive(from: Self.control, wait: false) != .nothing } && frames.hasBytes
  }

  /// Ends the whole group when the parent is gone, even while the plugin hangs.
  private func watchParent(scratch: String) {
    if watched != nil { return }
    watched = scratch
    Thread.start { [scratch] in
      var byte: UInt8 = 0
      while true {
        let count = read(WorkerServer.life, &byte, 1)
        if count > 0 || (count < 0 && errno == EINTR) { continue }
        if !scratch.isEmpty { _ = dmo_remove_tree(scratch) }
        kill(0, SIGKILL)
      }
    }
  }

  private func answer(_ frame: Frame) throws(WireError) -> [UInt8] {
    var reader = WireReader(frame.payload)
    if frame.kind == .open {
      let request = try reader.openRequest()
      do throws(PluginError) { return try open(request, frame.id) } catch { return refused(error, frame.id) }
    }
    guard let instance else { throw WireError("a call before an instance was made") }
    var reply = WireWriter(.done, id: frame.id)
    do throws(any Error) {
      switch frame.kind {
      case .evaluate:
        let request = try reader.evaluationRequest()
        if let cpuSeconds { _ = dmo_limit_cpu(cpuSeconds) }
        reply.put(instance.evaluate(request))
      case .batch:
        let requests = try reader.array { r throws(WireError) in try r.evaluationRequest() }
        reply.put(instance.evaluateBatch(requests)) { $0.put($1) }
      case .vjp, .jvp:
        let (request, along) = (try reader.evaluationRequest(), try reader.doubles())
        let result: EvaluationResult
        let derivative: [Double]?
        if frame.kind == .vjp {
          (result, derivative) = instance.vjp(request, ybar: along)
        } else {
          (result, derivative) = instance.jvp(request, xdot: along)
        }
        reply.put(result)
        reply.put(derivative) { $0.put($1) }
      case .compose, .composeVJP: try compose(instance, frame.kind, &reader, &reply)
      case .draw: reply.put(try instance.draw(try reader.evaluationRequest())) { $0.put($1) }
      case .reference: reply.put(try instance.referencePoints()) { $0.put($1) }
      case .open, .done, .refused, .failed, .progress, .log: throw WireError("a request of kind \(frame.kind)")
      }
      return reply.finished()
    } catch let error as PluginCallError {
      var reply = WireWriter(.failed, id: frame.id)
      reply.put(error.status.rawValue)
      reply.put(error.message)
      return reply.finished()
    } catch let error as PluginError {
      return refused(error, frame.id)
    } catch {
      throw error as? WireError ?? WireError("\(error)")
    }
  }

  private func refused(_ error: PluginError, _ id: UInt64) -> [UInt8] {
    var reply = WireWriter(.refused, id: id)
    reply.put(error)
    return reply.finished()
  }

  private func open(_ request: OpenRequest, _ id: UInt64) throws(PluginError) -> [UInt8] {
    let replies = replies
    if watched == nil {
      // Before there is another thread, since a thread that runs keeps its rights.
      if let missing = confine(request) { replies.log(2, missing) }
      cpuSeconds = request.limits.cpuSeconds
    }
    watchParent(scratch: request.scratchFolder)
    let settings = HostSettings(
      scratchFolder: request.scratchFolder.isEmpty ? nil : request.scratchFolder, threads: request.threads,
      log: { level, text in replies.log(level, text) })
    let opened: PluginLibrary
    if let library { opened = library } else { opened = try PluginLibrary(path: request.path, host: settings) }
    library = opened
    var reply = WireWriter(.done, id: id)
    reply.put(opened.info)
    if let wanted = request.selection {
      let made = try PluginInstance(
        opened, problem: wanted.problem, options: wanted.options, host: settings, cancelFlag: flag,
        progress: { id, fraction in replies.progress(id, fraction) })
      instance = made
      reply.put(made.problem)
    }
    return reply.finished()
  }

  /// Applies the limits. - Returns: what of them this system does not know, in words.
  private func confine(_ request: OpenRequest) -> String? {
    var missing: [String] = []
    if let bytes = request.limits.memoryBytes, dmo_limit_data(bytes) != 0 {
      missing.append("--worker-memory: the limit cannot be set: \(String(cString: strerror(errno)))")
    }
    if request.limits.isSandboxed {
      let given = dmo_sandbox(request.scratchFolder)
      if given & UInt32(DMO_SANDBOX_FILES) == 0 {
        missing.append("--sandbox: this kernel has no Landlock, so that the plugin may write files wherever you may")
      }
      if given & UInt32(DMO_SANDBOX_SOCKETS) == 0 {
        let tcp = given & UInt32(DMO_SANDBOX_TCP) != 0
        missing.append(
          "--sandbox: this kernel has no seccomp filters, so that the plugin may use \(tcp ? "UDP" : "the network")")
      }
    }
    return missing.isEmpty ? nil : missing.joined(separator: "; ")
  }

  private func compose(
    _ instance: PluginInstance, _ kind: Frame.Kind, _ reader: inout WireReader, _ reply: inout WireWriter
  ) throws {
    let rows = Int(try reader.integer(UInt32.self))
    let x = try reader.doubles()
    var y = try reader.doubles()
    if kind == .compose {
      try instance.compose(rows: rows, x: x, y: &y)
      reply.put(y)
      return
    }
    let ybar = try reader.doubles()
    var zbar = try reader.doubles()
    var xbar = try reader.doubles()
    try instance.composeVJP(rows: rows, x: x, y: y, ybar: ybar, zbar: &zbar, xbar: &xbar)
    reply.put(zbar)
    reply.put(xbar)
  }
}

/// The way back to the parent, from any thread of the plugin.
private final class Replies: Sendable {
  /// When the last progress was sent, in seconds; one frame at a time.
  private let lastProgress = Mutex<Double>(0)

  func send(_ frame: [UInt8]) {
    lastProgress.withLock { _ in write(frame) }
  }

  func progress(_ id: UInt64, _ fraction: Double) {
    lastProgress.withLock { last in
      let now = Clock.now
      // Faster than anyone reads would only slow the plugin down.
      guard now - last >= 0.05 else { return }
      last = now
      var frame = WireWriter(.progress, id: id)
      frame.put(fraction)
      write(frame.finished())
    }
  }

  func log(_ level: Int32, _ text: String) {
    var frame = WireWriter(.log)
    frame.put(level)
    frame.put(text)
    send(frame.finished())
  }

  private func write(_ frame: [UInt8]) {
    var sent = 0
    while sent < frame.count {
      let count = frame.withUnsafeBytes {
        dmo_send(WorkerServer.control, $0.baseAddress.map { $0 + sent }, frame.count - sent, 1)
      }
      // A parent that is gone is noticed by the next read.
      if count < 0 && errno != EINTR { return }
      sent += max(count, 0)
    }
  }
}
