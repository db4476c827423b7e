#!/usr/bin/env python3
"""Writes the reference numbers of the Gaussian process tests: Tests/DMOSurrogatesTests/Golden/gp.json by BoTorch and
GPyTorch (double precision, autograd for every derivative) and Tests/DMOSearchTests/Golden/log_ei.json by mpmath with 80
digits. Needs: pip install botorch mpmath.   Tests/Scripts/gp_golden.py"""
import json
import math
import pathlib
import warnings

import botorch
import gpytorch
import mpmath
import torch
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
from gpytorch.mlls import ExactMarginalLogLikelihood

warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.double)
ROOT = pathlib.Path(__file__).resolve().parent.parent


def function(x):
  return torch.sin(5 * x[:, 0]) + x[:, 1:].pow(2).sum(-1) - x[:, 0] * x[:, -1]


def model(kernel, x, y):
  covariance = get_covar_module_with_dim_scaled_prior(x.shape[-1], use_rbf_kernel=kernel == "rbf")
  return SingleTaskGP(x, y[:, None], covar_module=covariance)


def case(kernel, n, d, seed):
  """Marginal likelihood, its gradient and the posterior at hyperparameters that are given."""
  torch.manual_seed(seed)
  x, probe = torch.rand(n, d), torch.rand(5, d)
  x[1] = x[0] + 1e-9  # two points that nearly coincide
  y = 3 + 2 * function(x) + 0.05 * torch.randn(n)
  gp = model(kernel, x, y)
  lengths, noise = 0.2 + torch.rand(d), torch.tensor(3e-3)
  logs = torch.cat([lengths, noise[None]]).log().requires_grad_()
  standardised = gp.train_targets

  def marginal(constant):
    gp.covar_module.raw_lengthscale.data, gp.likelihood.noise_covar.raw_noise.data = lengths[None], noise[None]
    k = gp.covar_module.base_kernel if hasattr(gp.covar_module, "base_kernel") else gp.covar_module
    # The kernel evaluated by GPyTorch's own formula on scaled inputs, so that autograd reaches the logarithms.
    scaled = x / logs[:-1].exp()
    r2 = (scaled[:, None] - scaled[None]).pow(2).sum(-1)
    safe = torch.where(r2 > 0, r2, torch.ones_like(r2))
    r = torch.where(r2 > 0, safe.sqrt(), torch.zeros_like(r2))
    if kernel == "rbf":
      c = torch.exp(-r2 / 2)
    else:
      c = (1 + math.sqrt(5) * r + 5 / 3 * r2) * torch.exp(-math.sqrt(5) * r)
    assert torch.allclose(c, k(x).to_dense(), atol=1e-7)
    cov = c + logs[-1].exp() * torch.eye(n)
    return torch.distributions.MultivariateNormal(constant * torch.ones(n), cov).log_prob(standardised), cov

  _, cov = marginal(torch.tensor(0.0))
  inverse = torch.linalg.inv(cov.detach())
  constant = (inverse @ standardised).sum() / inverse.sum()
  value, _ = marginal(constant)
  prior = sum(p.log_prob(v).sum() for p, v in (
    (gp.covar_module.lengthscale_prior, logs[:-1].exp()), (gp.likelihood.noise_covar.noise_prior, logs[-1].exp())))
  (gradient,) = torch.autograd.grad(value + prior, logs)
  gp.mean_module.constant.data = constant
  at = probe.clone().requires_grad_()
  gp.eval()
  with gpytorch.settings.fast_computations(False, False, False), gpytorch.settings.fast_pred_var(False):
    posterior = gp.posterior(at)
    mean, variance = posterior.mean[:, 0], posterior.variance[:, 0]
    (mean_gradient,) = torch.autograd.grad(mean.sum(), at, retain_graph=True)
    (variance_gradient,) = torch.autograd.grad(variance.sum(), at)
  lists = dict(
    x=x, y=y, probe=probe, lengthscales=lengths, gradient=gradient, mean=mean, variance=variance,
    mean_gradient=mean_gradient, variance_gradient=variance_gradient)
  return dict(
    kernel=kernel, count=n, dimension=d, noise=float(noise), constant=float(constant), log_marginal=float(value),
    log_posterior=float(value + prior), **{k: v.detach().flatten().tolist() for k, v in lists.items()})


def fitted(kernel, n, d, seed):
  """The most probable hyperparameters by BoTorch's own fit: n times its objective, mean included."""
  torch.manual_seed(seed)
  x = torch.rand(n, d)
  y = function(x) + 0.02 * torch.randn(n)
  gp = model(kernel, x, y)
  mll = ExactMarginalLogLikelihood(gp.likelihood, gp)
  fit_gpytorch_mll(mll)
  gp.train()
  with gpytorch.settings.fast_computations(False, False, False):
    objective = float(mll(gp(*gp.train_inputs), gp.train_targets)) * n
  return dict(
    kernel=kernel, count=n, dimension=d, x=x.flatten().tolist(), y=y.tolist(), log_posterior=objective,
    lengthscales=gp.covar_module.lengthscale.flatten().tolist(), noise=float(gp.likelihood.noise))


def log_ei(u):
  """log(phi(u) + u Phi(u)) and its derivative, log Phi(u) and its."""
  u = mpmath.mpf(u)
  density = mpmath.exp(-u * u / 2) / mpmath.sqrt(2 * mpmath.pi)
  below = mpmath.erfc(-u / mpmath.sqrt(2)) / 2
  value = density + u * below
  return [float(v) for v in (u, mpmath.log(value), below / value, mpmath.log(below), density / below)]


def main():
  kernels = ("matern52", "rbf")
  cases = [case(k, n, d, s) for k in kernels for n, d, s in ((12, 3, 1), (30, 6, 2))]
  fits = [fitted(k, n, d, s) for k in kernels for n, d, s in ((25, 2, 3), (60, 5, 4))]
  versions = dict(botorch=botorch.__version__, gpytorch=gpytorch.__version__, torch=torch.__version__)
  (ROOT / "DMOSurrogatesTests/Golden/gp.json").write_text(json.dumps(dict(versions=versions, cases=cases, fits=fits)))
  # At u = -1e8 the difference cancels 16 digits of the value and the exponent 16 more.
  mpmath.mp.dps = 80
  points = [-1e8, -1e6, -3e4, -1000, -100, -38, -12, -6, -3.001, -3, -2.999, -2, -1, -0.5, 0, 1e-3, 0.7, 2, 8, 40]
  table = [log_ei(u) for u in points]
  (ROOT / "DMOSearchTests/Golden/log_ei.json").write_text(json.dumps(dict(mpmath=mpmath.__version__, table=table)))


main()
