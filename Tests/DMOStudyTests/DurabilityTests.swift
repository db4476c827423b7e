import DMOCore
import DMOSearch
import DMOWorker
import Foundation
import GRDB
import Testing

@testable import DMOStudy

@Suite struct DurabilityTests {
  let folder = TemporaryFolder()

  private func strategy(_ id: String, budget: Int) throws -> any SearchStrategy {
    try StrategyRegistry.make(
      id,
      setup: SearchSetup(
        space: SearchSpace(Bowl.spec.space), outputs: Bowl.spec.outputs, goals: Goals(Bowl.spec.outputs),
        seed: Seed(3), budget: budget))
  }

  private func runner(_ store: StudyStore, _ strategy: any SearchStrategy, capacity: Int = 1) -> StudyRunner {
    StudyRunner(store: store, evaluator: ShufflingEvaluator(capacity: capacity), strategy: strategy, clock: { 0 })
  }

  private func essence(_ store: StudyStore) throws -> [String] {
    try store.rows().map { "\($0.request) \($0.answer ?? 0) \($0.source) \($0.result.map { "\($0.status) \($0.y)" } ?? "-")" }
  }

  @Test("a study interrupted many times equals the one that was not", arguments: ["random", "lhs", "sobol"])
  func interruptedOften(_ search: String) throws {
    // Beyond two snapshots, so that some stops resume from one and some from a tail after it.
    let budget = 1500
    let whole = try StudyStore.create(path: folder.file("whole-\(search).dmo"), Bowl.description(budget: budget))
    #expect(try runner(whole, strategy(search, budget: budget)).run() == .budgetSpent)
    let path = folder.file("parts-\(search).dmo")
    try StudyStore.create(path: path, Bowl.description(budget: budget)).close()
    var stream = Seed(8).generator
    var stops = 0
    while true {
      let store = try StudyStore.open(path: path, readOnly: false)
      let again = runner(store, try strategy(search, budget: budget))
      #expect(try again.replay() == nil)
      var left = 1 + stream.index(below: 400)
      let wish: StudyRunner.Request = stream.uniform() < 0.5 ? .finish : .abandon
      let outcome = try again.run(request: { left <= 0 ? wish : .goOn }, onAnswer: { _ in left -= 1 })
      // Some end without taking leave.
      if stream.uniform() < 0.5 { store.close() }
      if outcome == .budgetSpent { break }
      stops += 1
    }
    #expect(stops >= 3)
    let parts = try StudyStore.open(path: path)
    #expect(try essence(parts) == essence(whole))
    #expect(try parts.incumbents().front.map(\.id) == whole.incumbents().front.map(\.id))
    #expect(try parts.check().faults == [])
  }

  @Test("what is counted from a snapshot is what counting every row gives")
  func digest() throws {
    let store = try StudyStore.create(path: folder.file("digest.dmo"), Bowl.description(budget: 1200, jobs: 3))
    let runner = runner(store, try strategy("random", budget: 1200), capacity: 3)
    #expect(try runner.run() == .budgetSpent)
    let told = try store.database.read { try Int.fetchOne($0, sql: "SELECT told FROM search_state") }
    #expect(told == 1200)
    var counted = Incumbents(goals: store.description.goals)
    for row in try store.rows().sorted(by: { $0.answer ?? 0 < $1.answer ?? 0 }) {
      if let result = row.result { counted.add(x: row.request.x, result) }
    }
    let stored = try store.incumbents()
    #expect(stored.front.map(\.id) == counted.front.map(\.id) && stored.counts == counted.counts)
    #expect(stored.feasibleCount == counted.feasibleCount && stored.nearest?.point.id == counted.nearest?.point.id)
    #expect(stored.failures == counted.failures)
  }

  @Test("a state of another version, or a damaged one, costs a replay and nothing else", arguments: [
    "UPDATE search_state SET format = 'older'", "UPDATE search_state SET state = x'010203'", "UPDATE search_state SET state = NULL",
    "UPDATE search_state SET digest = '{'", "DELETE FROM search_state",
  ])
  func unreadableState(_ sql: String) throws {
    let path = folder.file("state-\(sql.hashValue).dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 100))
    _ = try runner(store, try strategy("random", budget: 150)).run()
    try store.database.write { try $0.execute(sql: sql) }
    try store.update { $0.budget = 150 }
    let again = runner(store, try strategy("random", budget: 150))
    #expect(try again.replay() == nil)
    #expect(try again.run() == .budgetSpent)
    #expect(try store.rows().count == 150)
    #expect(try store.incumbents().total == 150)
  }

  @Test("a second writer is refused and the holder named, while readers are welcome")
  func locked() throws {
    let path = folder.file("lock.dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 1))
    let error = try #require(throws: StudyError.self) { try StudyStore.open(path: path, readOnly: false) }
    #expect(error.code == .locked && error.detail.contains("process \(getpid()) on "), "\(error)")
    #expect(try StudyStore.open(path: path).rows().isEmpty)
    store.close()
    #expect(throws: Never.self) { try StudyStore.open(path: path, readOnly: false) }
    #expect(access(path + ".lock", F_OK) != 0)
  }

  @Test("a lock file that a dead dmo left behind stops nobody")
  func staleLock() throws {
    let path = folder.file("stale.dmo")
    try StudyStore.create(path: path, Bowl.description(budget: 1)).close()
    try Data("process 1 on elsewhere\n".utf8).write(to: URL(fileURLWithPath: path + ".lock"))
    #expect(throws: Never.self) { try StudyStore.open(path: path, readOnly: false) }
  }

  @Test("a file that is removed while it is written is noticed, and what was recorded saved")
  func removed() throws {
    let path = folder.file("gone.dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 50))
    var count = 0
    let error = try #require(throws: StudyError.self) {
      _ = try runner(store, try strategy("random", budget: 50)).run(onAnswer: { _ in
        count += 1
        if count == 10 { unlink(path) }
      })
    }
    #expect(error.code == .removed && error.hint.contains("rescued"))
    let rescued = try StudyStore.open(path: path + ".rescued")
    #expect(try rescued.rows().filter { $0.answer != nil }.count == 10)
  }

  @Test("with a rollback journal a study is the same, and needs no file beside it")
  func rollback() throws {
    let path = folder.file("safe.dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 40), mode: .rollback)
    #expect(try runner(store, try strategy("sobol", budget: 40)).run() == .budgetSpent)
    #expect(access(path + "-wal", F_OK) != 0)
    let journal = try store.database.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
    #expect(journal == "delete")
    let other = try StudyStore.create(path: folder.file("wal.dmo"), Bowl.description(budget: 40), mode: .wal)
    _ = try runner(other, try strategy("sobol", budget: 40)).run()
    #expect(try essence(store) == essence(other))
  }

  @Test("file systems that other machines write to get a rollback journal, local ones a log")
  func fileSystems() {
    // NFS, SMB 2, Lustre, FUSE; ext4, XFS, Btrfs, tmpfs, as statfs(2) numbers them.
    for number: UInt32 in [0x6969, 0xFE53_4D42, 0x0BD0_0BD0, 0x6573_5546] {
      #expect(StorageMode.suitable(fileSystem: number) == .rollback)
    }
    for number: UInt32 in [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994] {
      #expect(StorageMode.suitable(fileSystem: number) == .wal)
    }
  }

  @Test("a closed study is one file, which a folder that cannot be written still shows")
  func alone() throws {
    let path = folder.file("alone.dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 40))
    _ = try runner(store, try strategy("sobol", budget: 40)).run()
    store.close()
    for ending in ["-wal", "-shm", "-journal", ".new"] { #expect(access(path + ending, F_OK) != 0, "\(ending)") }
    #expect(try StudyStore.open(path: path).rows().count == 40)
  }
}
