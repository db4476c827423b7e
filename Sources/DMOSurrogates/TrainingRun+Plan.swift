extension TrainingRun {
  /// How steps are made.
  struct Plan: Sendable, Equatable {
    /// Rows of a batch; nil: all up to 2,000, else 512. Up to so many rows an epoch is one step.
    var batch: Int?
    /// Whether the learning rate falls to a hundredth along half a cosine, epoch by epoch, within a fit.
    var decays = false
    var regularisation = Regularisation()

    func isFull(_ rows: Int) -> Bool { rows <= batch ?? MLPTrainer.fullBatchLimit }
    var batchRows: Int { batch ?? MLPTrainer.batchRows }
  }

  /// What makes a network less sensitive to its own weights.
  struct Regularisation: Sendable, Equatable {
    /// ρ: the gradient is taken at θ + ρ g/|g|, the sharpest point nearby (Foret et al. 2021, arXiv 2010.01412, to
    /// first order the penalty on the gradient's norm of IGNITE).
    var sharpness = 0.0
    /// s: the gradient is taken at θ + s · ε, ε normal with each tensor's root mean square as deviation, fresh at each
    /// step (a sample of the sensitivity that BOSS bounds).
    var perturbation = 0.0
  }
}
