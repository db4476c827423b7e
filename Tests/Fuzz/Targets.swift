// What libFuzzer calls: FUZZ_TARGET names the reader that the input is given to. A trap, an address error or a broken
// promise ends the process, which libFuzzer notes as a finding. Built by Tests/Fuzz/fuzz.sh into one module with the
// sources under test, so that every branch of theirs is counted.
import CDMO
import CDMOHost
import Foundation

/// Stand-ins for the command line's own, which need its parser.
struct UserError: Error {
  init(_ message: String, hint: String = "", exit: Int32 = 2) {}
}
struct ValidationError: Error {
  init(_ message: String) {}
}

private let target = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = [UInt8](UnsafeBufferPointer(start: data, count: count))
  switch target {
  case "protocol": fuzzProtocol(bytes)
  case "text": fuzzText(bytes)
  case "table": fuzzTable(bytes)
  default: preconditionFailure("fuzzStart lets no other target through")
  }
  return 0
}

@_cdecl("LLVMFuzzerInitialize")
public func fuzzStart(
  _ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  guard ["protocol", "text", "table"].contains(target) else {
    FileHandle.standardError.write(Data("FUZZ_TARGET=\(target): write protocol, text or table\n".utf8))
    exit(2)
  }
  if let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] {
    for (k, seed) in seeds().enumerated() {
      FileManager.default.createFile(atPath: "\(folder)/\(target)-seed-\(k)", contents: Data(seed))
    }
    exit(0)
  }
  return 0
}

let fuzzSpec = ProblemSpec(
  space: ParameterSpace([
    Parameter(id: "x", min: -5, max: 5), Parameter(id: "k", kind: .integer, min: 0, max: 9),
    Parameter(id: "c", kind: .categorical(["a", "b,c"]), min: 0, max: 1), Parameter(id: "w", min: 1, max: 8, count: 2),
  ]),
  outputs: OutputSpace([
    Output(id: "f", role: .minimize), Output(id: "g", role: .atMost(1)), Output(id: "z", count: 2, mayBeNaN: true),
  ]))

private func seeds() -> [[UInt8]] {
  switch target {
  case "protocol": return protocolSeeds()
  case "text":
    let table = "x,k,c,w[0],w[1],f,status\n1,2,a,3,4,5,ok\n-5,9,\"b,c\",1e0,8,,failed\n"
    return [
      [0] + table.utf8, [1] + "w=3\nx=1".utf8, [2] + "0.5<=g<=1e3".utf8, [3] + "90s".utf8, [4] + "1.5GiB".utf8,
      [5] + "20%".utf8, [6] + "3".utf8, [2] + "f=min".utf8,
      [255] + "n=3\nr=0.5\nb=true\nc=a\ninitial-method=lh".utf8, [255] + "initial_method=mc".utf8,
      [254] + "i=3\nn=0.5\nl=0,0.3,1\nk=3,5\np=1e-3\nb=auto\nw=100-20\ntarget=observed".utf8,
    ]
  default: return (0..<8).map { k in (0..<600).map { UInt8(truncatingIfNeeded: ($0 &* 37) ^ (k &* 91)) } }
  }
}
