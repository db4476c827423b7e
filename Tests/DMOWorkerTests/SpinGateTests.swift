import Testing

@testable import DMOWorker

@Suite("Waiting without sleeping")
struct SpinGateTests {
  @Test("looks in vain become rare, and one success makes them frequent again")
  func adapts() {
    var gate = SpinGate()
    var looks = 0
    for _ in 0..<20_000 where gate.opens() {
      looks += 1
      gate.note(success: false)
    }
    // After 1 + 1 + 2 + 4 + … + 512 waits, one of 1025.
    #expect(looks >= 20 && looks <= 40, "\(looks)")
    while !gate.opens() {}
    gate.note(success: true)
    let open = (0..<100).filter { _ in
      let opens = gate.opens()
      gate.note(success: true)
      return opens
    }
    #expect(open.count == 100)
  }

  @Test("a look ends within its limit when there is nothing to see")
  func bounded() {
    var gate = SpinGate()
    var shortest = Double.infinity
    // The shortest of many: the machine may take the processor away meanwhile.
    for _ in 0..<50 {
      let start = Clock.now
      #expect(!gate.look { false })
      shortest = min(shortest, Clock.now - start)
    }
    #expect(shortest >= SpinGate.limit && shortest < 10 * SpinGate.limit)
    #expect(gate.look { true })
  }
}
