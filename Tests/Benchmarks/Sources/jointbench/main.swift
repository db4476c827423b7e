// The joint trainer beside dmosopt's joint transformer (joint_peer.py): processor time and held-out error of a fit of
// 1000 rows, 15 parameters to 5 objectives and 8 constraints; and of 10,000 predictions with input gradients.
// Arguments: the file joint.bin that joint_peer.py wrote, then options of the trainer (key=value). One thread.

import DMOCore
import DMOSurrogates
import Foundation

let (inputs, objectives, constraints, trainingRows, testRows) = (15, 5, 8, 1000, 2000)

/// This thread's processor time in seconds: what the one thread costs, whatever else the machine does.
func processorTime() -> Double {
  var t = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t)
  return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
}

struct Block {
  let x, y, c: [Double]
}

func read(_ path: String) throws -> [Block] {
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  var numbers = data.withUnsafeBytes { bytes in
    stride(from: 0, to: bytes.count, by: 8).map {
      Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
    }
  }[...]
  func take(_ count: Int) -> [Double] {
    defer { numbers = numbers.dropFirst(count) }
    return Array(numbers.prefix(count))
  }
  return [trainingRows, testRows].map { rows in
    Block(x: take(rows * inputs), y: take(rows * objectives), c: take(rows * constraints))
  }
}

/// Mean over objectives of RMSE / standard deviation, log loss and accuracy of the constraint bits.
func score(_ p: JointPrediction, _ test: Block) -> (nrmse: Double, logLoss: Double, accuracy: Double) {
  let width = objectives + constraints
  var nrmse = 0.0
  for j in 0..<objectives {
    let truth = (0..<testRows).map { test.y[$0 * objectives + j] }
    let mean = truth.reduce(0, +) / Double(testRows)
    let variance = truth.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let errors = truth.indices.map { p.values[$0 * width + j] - truth[$0] }
    let error = errors.reduce(0) { $0 + $1 * $1 }
    nrmse += (error / variance).squareRoot() / Double(objectives)
  }
  var (loss, right) = (0.0, 0)
  for (probability, margin) in zip(p.feasibility, test.c) {
    loss -= log(max(margin <= 0 ? probability : 1 - probability, 1e-12))
    if (probability > 0.5) == (margin <= 0) { right += 1 }
  }
  let count = Double(test.c.count)
  return (nrmse, loss / count, Double(right) / count)
}

let arguments = CommandLine.arguments.dropFirst()
guard let path = arguments.first else {
  print("usage: jointbench joint.bin [key=value …]")
  exit(2)
}
let blocks = try read(path)
var data = Dataset(inputCount: inputs, outputCount: objectives + constraints, constraintCount: constraints)
for r in 0..<trainingRows {
  data.append(
    z: Array(blocks[0].x[r * inputs..<(r + 1) * inputs]),
    y: Array(blocks[0].y[r * objectives..<(r + 1) * objectives])
      + Array(blocks[0].c[r * constraints..<(r + 1) * constraints]), answered: true)
}
var trainer = try TrainerRegistry.make(
  id: "joint", options: Array(arguments.dropFirst()), setup: TrainerSetup(seed: Seed(1)))
var start = processorTime()
let model = try trainer.fit(data)
let fitTime = processorTime() - start
guard let surrogate = model as? any FeasibilitySurrogate else { exit(1) }
let result = score(surrogate.joint(rows: testRows, z: blocks[1].x), blocks[1])

let rows = 10_000
let z = (0..<rows * inputs).map { blocks[1].x[$0 % blocks[1].x.count] }
let one = JointPrediction(
  values: Array(repeating: 1, count: rows * (objectives + constraints)),
  feasibility: Array(repeating: 1, count: rows * constraints), crash: Array(repeating: 0, count: rows))
start = processorTime()
let predictions = surrogate.joint(rows: rows, z: z)
let predictTime = processorTime() - start
start = processorTime()
let gradients = surrogate.jointGradient(rows: rows, z: z, bar: one)
let gradientTime = processorTime() - start
print(
  String(
    format: "{\"options\": \"%@\", \"fit_cpu_s\": %.2f, \"nrmse\": %.4f, \"log_loss\": %.4f, \"accuracy\": %.4f, "
      + "\"predict_10000_s\": %.3f, \"predict_and_gradient_10000_s\": %.3f}",
    arguments.dropFirst().joined(separator: " "), fitTime, result.nrmse, result.logLoss, result.accuracy, predictTime,
    predictTime + gradientTime))
precondition(predictions.crash.count == rows && gradients.allSatisfy(\.isFinite))
