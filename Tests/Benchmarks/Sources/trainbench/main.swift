// dmo's side of train.py: the time of a training step (gather, forward, backward, Adam) of the three networks of the
// GradPIE paper, with the batch and K of the PyTorch counterpart, one thread. Each line of standard input asks for one
// measurement, each line of output answers it in JSON:
//
//   step NET LOSS SECONDS     median processor and wall time of a step; LOSS is mae, gradpie or graph (the whole data set
//                             of 2,000 rows with 10 neighbours each as one batch, on the residual graph)
//   curve FILE OPTION…        one fit of `gradpie` to given data: its processor time and held-out near-pair error

import DMOSurrogates
import Foundation

struct StepAnswer: Encodable {
  var net: String
  var loss: String
  var rows: Int
  var cpu: Double
  var wall: Double
  /// Multiply-adds of the products count two; no input gradient in the first layer.
  var gflops: Double
}

func write(_ value: some Encodable) throws {
  FileHandle.standardOutput.write(try JSONEncoder().encode(value) + Data("\n".utf8))
}

/// Ends the program with what is wrong with its arguments.
func refuse(_ why: String) -> Never {
  FileHandle.standardError.write(Data("trainbench: \(why)\n".utf8))
  exit(2)
}

func step(_ words: [Substring]) throws {
  guard words.count == 3, let c = Case.all.first(where: { $0.name == words[0] }), let seconds = Double(words[2]) else {
    refuse("write: step NET LOSS SECONDS, not 'step \(words.joined(separator: " "))'")
  }
  let isGraph = words[1] == "graph"
  let k = isGraph ? 10 : c.k
  let bench = Bench(c, capacity: isGraph ? c.rows : c.batch * (1 + c.k), k: k)
  let rows = isGraph ? c.rows : words[1] == "mae" ? c.batch : c.batch * (1 + c.k)
  let time = Stopwatch.median(seconds) {
    if isGraph { bench.fullStep() } else { bench.batchStep(words[1] == "mae" ? .mae : .gradPIE) }
  }
  let products = c.shape.layers.map { Double($0.inputs * $0.outputs) }
  let flops = (6 * products.reduce(0, +) - 2 * products[0]) * Double(rows)
  try write(
    StepAnswer(
      net: c.name, loss: String(words[1]), rows: rows, cpu: time.cpu, wall: time.wall, gflops: flops / time.cpu / 1e9))
}

while let line = readLine() {
  let words = line.split(separator: " ")
  switch words.first {
  case "step": try step(Array(words.dropFirst()))
  case "curve": try curve(Array(words.dropFirst()))
  default: refuse("write step … or curve …, not '\(line)'")
  }
}
