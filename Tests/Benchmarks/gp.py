#!/usr/bin/env python3
"""A proposal of Bayesian optimisation, fit included, at n answers: dmo's `bayes` with `gp` beside BoTorch's LogEI loop.

Both see the same data (16 dimensions, Rosenbrock's function, uniform points), in turn, one thread each, and the same
priors. Reported: seconds of wall clock and processor, the ratio with its spread, the log posterior density of the fitted
hyperparameters by BoTorch's own evaluation, and the log EI of either's point under BoTorch's model at BoTorch's
hyperparameters. Needs: pip install botorch.

  swift build -c release --package-path Tests/Benchmarks --product gpbench
  Tests/Benchmarks/gp.py --seeds 12
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import time
import warnings

import botorch
import gpytorch
import torch
from botorch.acquisition.analytic import LogExpectedImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
from botorch.optim import optimize_acqf
from gpytorch.mlls import ExactMarginalLogLikelihood

HERE = pathlib.Path(__file__).resolve().parent


def objective(x):
  """Rosenbrock's function on [-2, 2], to minimise."""
  u = 4 * x - 2
  return (100 * (u[:, 1:] - u[:, :-1] ** 2) ** 2 + (1 - u[:, :-1]) ** 2).sum(-1)


def build(kernel, x, y):
  covariance = get_covar_module_with_dim_scaled_prior(x.shape[-1], use_rbf_kernel=kernel == "rbf")
  return SingleTaskGP(x, -y[:, None], covar_module=covariance)


def log_posterior(gp):
  """n times BoTorch's training objective."""
  mll = ExactMarginalLogLikelihood(gp.likelihood, gp)
  gp.train()
  with torch.no_grad():
    value = float(mll(gp(*gp.train_inputs), gp.train_targets)) * gp.train_targets.shape[-1]
  gp.eval()
  return value


def peer(kernel, x, y):
  wall, cpu = time.perf_counter(), time.process_time()
  gp = build(kernel, x, y)
  fit_gpytorch_mll(ExactMarginalLogLikelihood(gp.likelihood, gp))
  fitted = time.perf_counter() - wall
  acquisition = LogExpectedImprovement(gp, (-y).max())
  bounds = torch.stack([torch.zeros(x.shape[-1]), torch.ones(x.shape[-1])])
  point, value = optimize_acqf(
    acquisition, bounds, q=1, num_restarts=10, raw_samples=512, options={"batch_limit": 5, "maxiter": 200})
  return dict(
    wall=time.perf_counter() - wall, fit=fitted, cpu=time.process_time() - cpu, gp=gp, acquisition=acquisition,
    point=point, value=float(value))


def evaluate(kernel, x, y, lengths, noise):
  """The log posterior of given hyperparameters, the constant mean at its best."""
  gp = build(kernel, x, y)
  gp.covar_module.raw_lengthscale.data = torch.tensor([lengths])
  gp.likelihood.noise_covar.raw_noise.data = torch.tensor([noise])
  with torch.no_grad():
    k = gp.covar_module(x).to_dense() + noise * torch.eye(len(y))
    inverse = torch.linalg.inv(k)
    gp.mean_module.constant.data = (inverse @ gp.train_targets).sum() / inverse.sum()
  return log_posterior(gp)


def spread(values):
  q = statistics.quantiles(values, n=4)
  return f"{statistics.median(values):.3g} ({q[0]:.3g}–{q[2]:.3g})"


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--seeds", type=int, default=12)
  parser.add_argument("--n", type=int, default=200)
  parser.add_argument("--dimension", type=int, default=16)
  parser.add_argument("--kernels", nargs="+", default=["matern52", "rbf"], choices=["matern52", "rbf"])
  parser.add_argument("--program", default=str(HERE / ".build/release/gpbench"))
  args = parser.parse_args()
  warnings.filterwarnings("ignore")
  torch.set_default_dtype(torch.double)
  torch.set_num_threads(1)
  with subprocess.Popen([args.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as dmo:
    def ask(**problem):
      dmo.stdin.write(json.dumps(problem) + "\n")
      dmo.stdin.flush()
      return json.loads(dmo.stdout.readline())

    print(f"BoTorch {botorch.__version__}, GPyTorch {gpytorch.__version__}, PyTorch {torch.__version__}; "
          f"n = {args.n}, {args.dimension} dimensions, {args.seeds} seeds, one thread; medians (quartiles)")
    print("| kernel | BoTorch s (of it fit) | dmo s | ratio, wall | ratio, processor | log posterior, dmo − BoTorch: "
          "least; median | log EI at BoTorch's hyperparameters, dmo − BoTorch: least; median |")
    print("|---|---|---|---|---|---|---|")
    for kernel in args.kernels:
      rows = []
      for seed in range(args.seeds + 1):
        torch.manual_seed(seed)
        x = torch.rand(args.n, args.dimension)
        y = objective(x)
        problem = dict(dimension=args.dimension, x=x.flatten().tolist(), y=y.tolist(), kernel=kernel, seed=seed)
        theirs = peer(kernel, x, y)
        ours = ask(**problem)
        lengths = theirs["gp"].covar_module.lengthscale.flatten().tolist()
        given = ask(**problem, lengthscales=lengths, noise=float(theirs["gp"].likelihood.noise))
        with torch.no_grad():
          # Neither is taken at its word: BoTorch's model values both points.
          at_theirs, at_ours = (
            float(theirs["acquisition"](p)) for p in (theirs["point"], torch.tensor([given["proposal"]])))
        gain = evaluate(kernel, x, y, ours["lengthscales"], ours["noise"]) - log_posterior(theirs["gp"])
        if seed > 0:  # the first round warms both up
          rows.append((theirs, ours, gain, at_ours - at_theirs))
      print(
        f"| {kernel} | {spread([r[0]['wall'] for r in rows])} ({spread([r[0]['fit'] for r in rows])})"
        f" | {spread([r[1]['wall'] for r in rows])}"
        f" | {spread([r[0]['wall'] / r[1]['wall'] for r in rows])}"
        f" | {spread([r[0]['cpu'] / r[1]['cpu'] for r in rows])}"
        f" | {min(r[2] for r in rows):.2g}; {statistics.median(r[2] for r in rows):.2g}"
        f" | {min(r[3] for r in rows):.2g}; {statistics.median(r[3] for r in rows):.2g} |", flush=True)
    dmo.stdin.close()


main()
