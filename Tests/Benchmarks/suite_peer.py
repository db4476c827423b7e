#!/usr/bin/env python3
"""Another program's search for `dmo bench suite`: JSON objects on standard input, one answer a line on standard output.

The first line tells the problem: {"method", "lower", "upper", "reference", "objectives", "constraints", "budget", "seed"}.
Then {"x", "f", "c"} tells an answer (f and c empty: there is none; c <= 0 is feasible) and is not replied to;
{"ask": n} asks for up to n points: {"x": [[…], …], "cpu_s": processor seconds of this process so far}.

Methods: nsga2 and age-moea (pymoo), qlognehvi (BoTorch, its tutorial's settings, batches of ten, the suite's reference).
"""
import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"


class Pymoo:
    """Generation by generation; the points that were told before the first question are in the first generation."""

    def __init__(self, setup):
        import numpy as np
        from pymoo.core.problem import Problem

        self.np, self.setup = np, setup
        self.problem = Problem(
            n_var=len(setup["lower"]), n_obj=setup["objectives"], n_ieq_constr=setup["constraints"],
            xl=np.array(setup["lower"]), xu=np.array(setup["upper"]))
        self.answers, self.queue, self.offspring, self.algorithm = {}, [], None, None

    def begin(self):
        np = self.np
        # dmo's rule: short budgets need several generations more than they need many points.
        size = min(max(self.setup["budget"] // 10, 20), 100)
        given = [np.array(x) for x in self.answers]
        rng = np.random.default_rng(self.setup["seed"])
        while len(given) < size:
            given.append(self.problem.xl + rng.random(self.problem.n_var) * (self.problem.xu - self.problem.xl))
        if self.setup["method"] == "age-moea":
            from pymoo.algorithms.moo.age import AGEMOEA as Kind
        else:
            from pymoo.algorithms.moo.nsga2 import NSGA2 as Kind
        self.algorithm = Kind(pop_size=size, sampling=np.array(given))
        self.algorithm.setup(self.problem, termination=("n_gen", 10**9), seed=self.setup["seed"], verbose=False)

    def tell(self, x, f, c):
        self.answers[tuple(x)] = (f, c)

    def ask(self, count):
        np = self.np
        if self.algorithm is None:
            self.begin()
        while not self.queue:
            if self.offspring is not None:
                m, k = self.setup["objectives"], self.setup["constraints"]
                rows = [self.answers[tuple(x)] for x in self.offspring.get("X").tolist()]
                # What has no answer is as bad as can be.
                self.offspring.set("F", np.array([f or [1e30] * m for f, _ in rows]))
                self.offspring.set("G", np.array([c or [1e30] * k for _, c in rows]).reshape(len(rows), k))
                for individual in self.offspring:
                    individual.evaluated.update({"F", "G"})
                self.algorithm.tell(infills=self.offspring)
            self.offspring = self.algorithm.ask()
            self.queue = [x for x in self.offspring.get("X").tolist() if tuple(x) not in self.answers]
        batch, self.queue = self.queue[:count], self.queue[count:]
        return batch


class BoTorch:
    """qLogNEHVI on a list of SingleTaskGPs, one an output; 10 restarts, 512 raw samples, 128 quasi-Monte-Carlo samples."""

    def __init__(self, setup):
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(setup["seed"])
        self.torch, self.setup, self.queue = torch, setup, []
        self.x, self.y = [], []
        self.bounds = torch.tensor([setup["lower"], setup["upper"]], dtype=torch.double)

    def tell(self, x, f, c):
        if f:
            self.x.append(x)
            self.y.append(f + c)

    def ask(self, count):
        if not self.queue:
            self.queue = self.batch()
        batch, self.queue = self.queue[:count], self.queue[count:]
        return batch

    def batch(self):
        torch, setup = self.torch, self.setup
        from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
        from botorch.acquisition.multi_objective.objective import IdentityMCMultiOutputObjective
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import ModelListGP, SingleTaskGP
        from botorch.models.transforms import Standardize
        from botorch.optim import optimize_acqf
        from botorch.sampling.normal import SobolQMCNormalSampler
        from gpytorch.mlls import SumMarginalLogLikelihood

        m, k = setup["objectives"], setup["constraints"]
        x = (torch.tensor(self.x, dtype=torch.double) - self.bounds[0]) / (self.bounds[1] - self.bounds[0])
        y = torch.tensor(self.y, dtype=torch.double)
        y[:, :m] = -y[:, :m]
        model = ModelListGP(
            *[SingleTaskGP(x, y[:, i:i + 1], outcome_transform=Standardize(1)) for i in range(m + k)])
        fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model))
        acquisition = qLogNoisyExpectedHypervolumeImprovement(
            model=model, ref_point=[-r for r in setup["reference"]], X_baseline=x, prune_baseline=True,
            sampler=SobolQMCNormalSampler(torch.Size([128])),
            objective=IdentityMCMultiOutputObjective(outcomes=list(range(m))),
            constraints=[lambda z, j=j: z[..., m + j] for j in range(k)] or None)
        unit = torch.stack([torch.zeros(x.shape[1]), torch.ones(x.shape[1])]).double()
        points, _ = optimize_acqf(
            acquisition, unit, q=10, num_restarts=10, raw_samples=512, sequential=True,
            options={"batch_limit": 5, "maxiter": 200})
        return (self.bounds[0] + points * (self.bounds[1] - self.bounds[0])).tolist()


def main():
    replies, sys.stdout = sys.stdout, sys.stderr

    def reply(value):
        replies.write(json.dumps(value | {"cpu_s": time.process_time()}) + "\n")
        replies.flush()

    peer = None
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if peer is None:
                peer = (BoTorch if message["method"] == "qlognehvi" else Pymoo)(message)
                reply({})
            elif "ask" in message:
                reply({"x": peer.ask(message["ask"])})
            else:
                peer.tell(message["x"], message["f"], message["c"])
        except Exception as error:  # the caller must hear of every failure, whatever its kind
            reply({"error": f"{type(error).__name__}: {error}"})
            raise


if __name__ == "__main__":
    main()
