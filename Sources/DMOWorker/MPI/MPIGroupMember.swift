import DMOCore
import DMOHost

/// A rank of a group that evaluates together through `dmo.mpi/1`. The plugin runs inside the rank, since only that is
/// part of the MPI job: a crash ends the job, and `dmo resume` goes on.
struct MPIGroupMember {
  let transport: MPITransport
  let log: (@Sendable (WorkerSettings.Event) -> Void)?

  private var isLeader: Bool { transport.groupRank == 0 }

  /// Returns when rank 0 sends the group home.
  /// - Returns: whether this rank heard so itself: the leader does, and tells the others.
  /// - Throws: `EvaluatorError`: MPI failed, or rank 0 broke the protocol.
  func serve() throws(EvaluatorError) -> Bool {
    var instance: PluginInstance?
    while true {
      let message = try next()
      if message.isEmpty { return isLeader }
      do {
        let frame = try Frame(message: message)
        var reader = WireReader(frame.payload)
        if let instance, frame.kind == .evaluate {
          let request = try reader.evaluationRequest()
          let start = Clock.now
          var result = instance.evaluate(request)
          result.wallSeconds = Clock.now - start
          if isLeader { try transport.send(MPIMessage.answer(result), to: 0) }
        } else if frame.kind == .open {
          instance = try open(try reader.openRequest())
        } else {
          throw WireError("a frame of kind \(frame.kind) before the plugin was opened")
        }
      } catch let error as EvaluatorError { throw error } catch {
        throw EvaluatorError(.protocolViolation, "rank 0 broke the protocol: \(error)")
      }
    }
  }

  /// The next message of rank 0 to the group's leader, on all its ranks.
  private func next() throws(EvaluatorError) -> [UInt8] {
    guard isLeader else { return try transport.share(nil) }
    var patience = MPIPatience()
    while true {
      if let (_, bytes) = try transport.receive() { return try transport.share(bytes) }
      patience.pause()
    }
  }

  /// Makes the instance on all ranks. - Returns: nil when one of them could not.
  private func open(_ request: OpenRequest) throws -> PluginInstance? {
    let group = RankGroup(
      rank: transport.groupRank, size: transport.groupSize, communicator: transport.groupCommunicator,
      allGather: groupAllGather)
    groupTransport = transport
    let opened: Result<PluginInstance, PluginError>
    do throws(PluginError) {
      let host = HostSettings(
        threads: request.threads,
        log: { [log, rank = transport.rank] in log?(.log(worker: rank, level: $0, text: $1)) }, group: group)
      let instance = try PluginInstance(
        PluginLibrary(path: request.path, host: host), problem: request.selection?.problem,
        options: request.selection?.options ?? [:], host: host)
      if transport.groupSize > instance.mostRanks ?? 1 {
        throw PluginError(
          .createFailed, path: request.path,
          detail: "problem \(instance.problem.id) is evaluated by \(instance.mostRanks ?? 1) ranks at most, "
            + "not by \(transport.groupSize)", hint: "lower --ranks-per-evaluation")
      }
      opened = .success(instance)
    } catch { opened = .failure(error) }
    let failed = try ranksThatFailed(opened)
    if isLeader { try transport.send(answer(opened, failed, request.path), to: 0) }
    return failed.isEmpty ? try? opened.get() : nil
  }

  private func ranksThatFailed(_ opened: Result<PluginInstance, PluginError>) throws(EvaluatorError) -> [Int] {
    var mine: UInt8 = 0
    if case .failure = opened { mine = 1 }
    var counts = [Int](repeating: 0, count: transport.groupSize)
    guard let all = counts.withUnsafeMutableBufferPointer({ transport.allGather(&mine, 1, $0.baseAddress) }) else {
      throw EvaluatorError(.system, "MPI: the group cannot exchange")
    }
    return (0..<transport.groupSize).filter { all.load(fromByteOffset: $0, as: UInt8.self) != 0 }
  }

  private func answer(_ opened: Result<PluginInstance, PluginError>, _ failed: [Int], _ path: String) -> [UInt8] {
    switch opened {
    case .failure(let error): return MPIMessage.refused(error)
    case .success(let instance) where failed.isEmpty: return MPIMessage.opened(instance.problem)
    case .success:
      return MPIMessage.refused(
        PluginError(
          .createFailed, path: path, detail: "rank \(failed[0]) of the group could not open it",
          hint: "see what it printed"))
    }
  }
}

// One group a process: the C callback that plugins get has no room for more than its table. Set before the plugin is
// opened, by the only thread that evaluates, and not changed after.
nonisolated(unsafe) private var groupTransport: MPITransport?

private let groupAllGather: RankGroup.AllGather = { _, mine, bytes, counts in
  groupTransport?.allGather(mine, bytes, counts)
}
