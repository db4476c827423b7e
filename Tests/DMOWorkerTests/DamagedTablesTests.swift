import DMOCore
import DMOHost
import DMOTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@testable import DMOWorker

/// What came of 10,000 plugins whose tables are damaged, each by its own seed (`Fixtures/Fuzz/tables.c`).
@Suite("Damaged tables")
struct DamagedTablesTests {
  static let seeds: Range<UInt64> = 0..<10_000
  /// Seconds without an answer after which a seed counts as one that hangs.
  static let patience = 20.0

  struct Tally {
    var accepted = 0, refused = 0, evaluated = 0
    /// Seeds at which a worker died, and at which one hung or broke the protocol.
    var died: [UInt64] = [], wrong: [(UInt64, String)] = []
  }

  @Test("10,000 seeded random and damaged tables give an answer or end a worker, and never end this process")
  func tables() throws {
    let path = Fixtures.plugin("Fuzz/tables")
    var tally = Tally()
    var next = Self.seeds.lowerBound
    while next < Self.seeds.upperBound { next = try serve(path, from: next, &tally) }
    #expect(tally.accepted + tally.refused + tally.died.count + tally.wrong.count == Self.seeds.count)
    #expect(tally.wrong.isEmpty, "\(tally.wrong.prefix(5))")
    // A generator whose damage never shows, or which only ever kills, would test nothing.
    #expect(tally.accepted > 1000 && tally.refused > 2000 && tally.died.count > 100, "\(tally)")
    #expect(tally.evaluated > 1000)
    print("damaged tables: \(tally.accepted) accepted, \(tally.refused) refused, \(tally.died.count) workers died")
  }

  @Test("the program's own way to describe a plugin survives them, too", arguments: [0, 400, 800])
  func scanner(first: Int) throws {
    let library = Fixtures.plugin("Fuzz/tables")
    let scanner = PluginScanner(settings: Fixtures.settings())
    var (described, refused, died) = (0, 0, 0)
    for seed in first..<first + 40 {
      let link = "\(Fixtures.folder)/libtables-\(seed).so"
      symlink(library, link)
      do {
        _ = try scanner.describe(link)
        described += 1
      } catch let error as PluginError {
        if error.code == .died { died += 1 } else { refused += 1 }
        #expect(error.path == link && !error.detail.isEmpty)
      }
    }
    #expect(described + refused + died == 40 && described > 0 && refused > 0)
  }

  /// Lets one worker go through the seeds from `first` on until it dies or is through.
  /// - Returns: the seed to go on with.
  private func serve(_ path: String, from first: UInt64, _ tally: inout Tally) throws -> UInt64 {
    var settings = Fixtures.settings()
    settings.arguments = ["tables", path, "\(first)", "\(Self.seeds.upperBound)"]
    let worker = try WorkerProcess(settings, number: 0)
    defer { end(worker) }
    var seed = first
    // Nil until the tables' own answer is here.
    var isAccepted: Bool?
    var deadline = Clock.now + Self.patience
    while seed < Self.seeds.upperBound {
      let isOpen = worker.receive()
      worker.drainOutput()
      do {
        while let frame = try worker.nextFrame(limit: Frame.payloadLimit) {
          guard frame.id == seed else { throw WireError("an answer for seed \(frame.id)") }
          switch frame.kind {
          case .log:
            guard let accepted = isAccepted else { throw WireError("no answer") }
            if accepted { tally.accepted += 1 } else { tally.refused += 1 }
            (seed, isAccepted, deadline) = (seed + 1, nil, Clock.now + Self.patience)
          case .evaluate: tally.evaluated += try use(frame)
          default: isAccepted = use(frame, path)
          }
        }
      } catch {
        tally.wrong.append((seed, "\(error)"))
        return seed + 1
      }
      if !isOpen {
        if seed < Self.seeds.upperBound { tally.died.append(seed) }
        return seed + 1
      }
      if Clock.now > deadline {
        tally.wrong.append((seed, "no answer within \(Self.patience) s"))
        return seed + 1
      }
      var set = PollSet()
      set.add(worker.control, write: false)
      set.add(worker.output)
      set.wait(1)
    }
    return seed
  }

  /// The plugin as dmo takes it from a worker. - Returns: whether its tables were accepted.
  private func use(_ frame: Frame, _ path: String) -> Bool {
    let session = WorkerSession(selection: PluginSelection(path: path), settings: WorkerSettings())
    do throws(PluginError) {
      let plugin = try session.opened(frame, instance: false).0
      for case let spec? in plugin.problems.map(\.spec) { use(spec) }
      return true
    } catch {
      #expect(!error.detail.isEmpty)
      return false
    }
  }

  /// An instance's answer, as dmo takes it from a worker. - Returns: 1.
  private func use(_ frame: Frame) throws(WireError) -> Int {
    var reader = WireReader(frame.payload)
    let problem = try reader.problemInfo()
    guard let spec = problem.spec else { throw WireError("an instance without a spec") }
    use(spec)
    _ = try reader.evaluationResult(frame.id, spec.outputs)
    _ = try reader.array { r throws(WireError) in try r.referencePoint(spec) }
    try reader.finish()
    return 1
  }

  /// What every search does with a problem.
  private func use(_ spec: ProblemSpec) {
    let space = spec.space
    // Blocks of millions of numbers would only cost time: a block's numbers are alike.
    let coordinates = space.dimension <= 1 << 12 ? Array(0..<space.dimension) : [0, space.dimension - 1]
    for i in coordinates {
      for u in [0, 0.3, 1 - 0x1p-53, 1] {
        let x = space.canonical(space.sample(u, at: i), at: i)
        let z = space.encode(x, at: i)
        _ = space.bounded(z, at: i)
        _ = space.objection(to: x, at: i)
        _ = space.canonical(space.decode(u, at: i), at: i)
      }
      for x in [Double.nan, .infinity, -1e308, 1e308] { _ = space.objection(to: x, at: i) }
      if let count = space.levelCount(at: i), count > 0 { _ = space.value(ofLevel: count - 1, at: i) }
    }
    if coordinates.count == space.dimension { _ = space.labels.count }
    _ = Goals(spec.outputs)
  }

  private func end(_ worker: WorkerProcess) {
    worker.terminate(at: Clock.now, grace: 0)
    while !worker.reap(at: Clock.now, grace: 0) {
      var set = PollSet()
      set.add(worker.pidfd)
      set.wait(1)
    }
  }
}
