/// The columns of a joint network's output: objectives, constraint margins, the feasibility of each constraint
/// (logits),
/// and the logit of no answer.
struct JointColumns: Sendable, Equatable {
  let objectives: Int
  let constraints: Int
  /// Objectives and margins.
  var regressions: Int { objectives + constraints }
  var classes: Int { constraints + 1 }
  var count: Int { regressions + classes }
  var crash: Int { count - 1 }

  func feasibility(_ k: Int) -> Int { regressions + k }
}
