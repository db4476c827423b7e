#!/usr/bin/env python3
"""Training speed of the GradPIE paper's three networks: dmo beside PyTorch, in turn, one thread, the same mini-batches.

First every PyTorch variant (eager or compiled; Adam default or fused; GradPIE's two forwards or one) is timed briefly
and the quickest taken; then rounds alternate between it and dmo. Ratios are of processor time a step, medians with
quartiles. Then: an epoch of PyTorch's pairwise form against one full-batch step on dmo's residual graph (2,000 rows,
10 neighbours), and the processor time to the same held-out near-pair error. Needs: pip install torch.

  swift build -c release --package-path Tests/Benchmarks --product trainbench
  Tests/Benchmarks/train.py --threads 1 2
"""
import argparse
import json
import math
import os
import pathlib
import platform
import random
import statistics
import subprocess
import tempfile
import time

import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
NETS = {
  "opamp": dict(inputs=16, hidden=[100, 100, 100, 20], outputs=1, norm=True, batch=64, k=4, n=2000),
  "cnon": dict(inputs=5, hidden=[256, 256], outputs=5, norm=False, batch=64, k=4, n=2000),
  "owms": dict(inputs=3600, hidden=[1000] * 4 + [500], outputs=1, norm=True, batch=128, k=4, n=4096),
}


def build(c):
  layers, width = [], c["inputs"]
  for h in c["hidden"]:
    layers += [nn.Linear(width, h)] + ([nn.LayerNorm(h)] if c["norm"] else []) + [nn.GELU()]
    width = h
  return nn.Sequential(*layers, nn.Linear(width, c["outputs"]))


class Trainer:
  """One PyTorch variant: a callable that makes a training step."""

  def __init__(self, c, loss, compiled, fused, concat, k=None, data=None, rate=1e-3):
    torch.manual_seed(0)
    self.c, self.k = c, k or c["k"]
    self.net = build(c)
    self.adam = torch.optim.Adam(self.net.parameters(), lr=rate, **({"fused": True} if fused else {}))
    self.x, self.y = data or (torch.rand(c["n"], c["inputs"]), torch.rand(c["n"], c["outputs"]))
    self.loss = loss
    if loss == "gradpie":
      self.near = torch.cdist(self.x, self.x).topk(self.k + 1, largest=False).indices[:, 1:].contiguous()
    self.f = {"mae": self.mae, "gradpie": self.concat if concat else self.two}[loss]
    if compiled:
      self.f = torch.compile(self.f)

  def mae(self, x, y):
    return (self.net(x) - y).abs().mean()

  def two(self, x, y, xn, yn):
    f, fn = self.net(x), self.net(xn.flatten(0, 1)).unflatten(0, xn.shape[:2])
    return ((f[:, None] - fn) - (y[:, None] - yn)).abs().mean()

  def concat(self, x, y, xn, yn):
    out = self.net(torch.cat([x, xn.flatten(0, 1)]))
    f, fn = out[:len(x)], out[len(x):].unflatten(0, xn.shape[:2])
    return ((f[:, None] - fn) - (y[:, None] - yn)).abs().mean()

  def step(self, rows=None):
    i = torch.randint(len(self.x), (self.c["batch"],)) if rows is None else rows
    if self.loss == "mae":
      loss = self.f(self.x[i], self.y[i])
    else:
      j = self.near[i]
      loss = self.f(self.x[i], self.y[i], self.x[j], self.y[j])
    self.adam.zero_grad(set_to_none=True)
    loss.backward()
    self.adam.step()

  def time(self, seconds):
    """Processor and wall seconds a step: the median of five repeats that take so long together."""
    for _ in range(3):
      self.step()
    start = time.perf_counter()
    self.step()
    inner = max(1, int(seconds / 5 / max(time.perf_counter() - start, 1e-6)))
    runs = []
    for _ in range(5):
      cpu, wall = time.process_time(), time.perf_counter()
      for _ in range(inner):
        self.step()
      runs.append(((time.process_time() - cpu) / inner, (time.perf_counter() - wall) / inner))
    return tuple(statistics.median(r[i] for r in runs) for i in (0, 1))


def variants(loss, modes):
  for mode in modes:
    # Compiling takes some ten seconds each, and Adam runs outside of what is compiled: the fused one is never slower.
    for fused in ((False, True) if mode == "eager" else (True,)):
      for concat in ((False,) if loss == "mae" else (False, True)):
        name = f"{mode}, {'fused ' if fused else ''}Adam" + (", one forward" if concat else "")
        yield name, dict(compiled=mode == "compile", fused=fused, concat=concat)


def best_variant(c, loss, modes, seconds, **more):
  """The quickest by processor time; a variant that fails here (such as compiling without a compiler) is told."""
  found = []
  for name, options in variants(loss, modes):
    try:
      trainer = Trainer(c, loss, **options, **more)
      found.append((trainer.time(seconds)[0], name, trainer))
    except Exception as error:  # torch.compile raises many kinds
      print(f"  ({name}: {type(error).__name__}: {str(error).splitlines()[0]})")
  return min(found, key=lambda f: f[0])[1:]


def spread(values):
  q = statistics.quantiles(values, n=4)
  return f"{statistics.median(values):.3g} ({q[0]:.3g}–{q[2]:.3g})"


def ratio(values):
  """Median and quartiles; near 1 also the bootstrap interval of the median."""
  if statistics.median(values) >= 1.5:
    return spread(values)
  draw = random.Random(1)
  medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(4000))
  return f"{spread(values)} [{medians[100]:.3f}, {medians[3899]:.3f}]"


def versions():
  model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
  commit = subprocess.run(["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
  blas = next(iter(pathlib.Path("/usr/lib").glob("*/openblas-pthread/libopenblasp-r*.so")), pathlib.Path("?"))
  return (f"{model}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; Python {platform.python_version()}, "
          f"PyTorch {torch.__version__}; dmo {commit.stdout.strip() or '?'}, {blas.name}")


class Dmo:
  def __init__(self, program):
    self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

  def ask(self, text):
    self.process.stdin.write(text + "\n")
    self.process.stdin.flush()
    return json.loads(self.process.stdout.readline())

  def close(self):
    self.process.stdin.close()
    self.process.wait()


def steps(args, dmo):
  print(f"\nA training step, PyTorch with {torch.get_num_threads()} thread(s), dmo with one, {args.rounds} pairs in turn; "
        "medians (quartiles) [95 % interval of the median]\n")
  print("| network | loss | PyTorch's best variant | PyTorch, processor ms | dmo ms | ratio, processor | ratio, wall |")
  print("|---" * 7 + "|")
  for net in args.nets:
    c = NETS[net]
    seconds = args.seconds * (3 if net == "owms" else 1)
    for loss in args.losses:
      name, trainer = best_variant(c, loss, args.modes, seconds / 2)
      rounds = []
      for _ in range(args.rounds):
        theirs = trainer.time(seconds)
        ours = dmo.ask(f"step {net} {loss} {seconds}")
        rounds.append((theirs[0], ours["cpu"], theirs[0] / ours["cpu"], theirs[1] / ours["wall"]))
      print(f"| {net} | {loss} | {name} | {spread([1e3 * r[0] for r in rounds])}"
            f" | {spread([1e3 * r[1] for r in rounds])} | {ratio([r[2] for r in rounds])} | {ratio([r[3] for r in rounds])} |",
            flush=True)


def epoch(args, dmo):
  c = NETS["opamp"]
  name, trainer = best_variant(c, "gradpie", args.modes, args.seconds, k=10)
  batches = c["n"] / c["batch"]
  rounds = []
  for _ in range(args.rounds):
    theirs, ours = trainer.time(args.seconds)[0] * batches, dmo.ask(f"step opamp graph {args.seconds}")["cpu"]
    rounds.append((theirs, ours, theirs / ours))
  print(f"\nopamp, 2,000 rows, 10 neighbours, an epoch: PyTorch pairwise ({name}, {batches:.0f} steps) "
        f"{spread([1e3 * r[0] for r in rounds])} ms; dmo's residual graph (one step) "
        f"{spread([1e3 * r[1] for r in rounds])} ms; ratio {spread([r[2] for r in rounds])}", flush=True)


def curve_data(folder, seed):
  """A smooth function of 16 inputs at points around centres, held-out points beside them."""
  torch.manual_seed(seed)
  c = NETS["opamp"]
  centres = torch.rand(200, 16)
  z = (centres.repeat(13, 1) + 0.05 * torch.randn(2600, 16)).clamp(0, 1)
  weights = torch.randn(16, 6)
  y = torch.sin(2 * z @ weights).sum(-1, keepdim=True) + (z[:, :1] - 0.5) * z[:, 1:2] * 4
  y = (y - y.mean()) / y.std()
  x = 12 ** 0.5 * (z - 0.5)
  order = torch.randperm(2600)
  train, held = order[:2000], order[2000:]
  near = torch.cdist(x[held], x[train]).topk(5, largest=False).indices
  path = pathlib.Path(folder) / "curve.json"
  path.write_text(json.dumps(dict(
    inputs=16, z=z[train].flatten().tolist(), y=y[train].flatten().tolist(), heldZ=z[held].flatten().tolist(),
    heldY=y[held].flatten().tolist(), near=near.tolist())))
  return path, x[train], y[train], x[held], y[held], near


def near_error(net, x, y, xh, yh, near):
  with torch.no_grad():
    dg, dy = net(xh)[:, 0, None] - net(x)[near, 0], yh - y[near, 0]
  return float((dg - dy).abs().sum() / dy.abs().sum())


def peer_fit(c, x, y, rate, epochs):
  """PyTorch's pairwise training, cosine decay to a hundredth: the network and the processor time."""
  start = time.process_time()
  trainer = Trainer(c, "gradpie", compiled=False, fused=True, concat=True, k=10, data=(x, y), rate=rate)
  for epoch_ in range(epochs):
    trainer.adam.param_groups[0]["lr"] = rate * (0.505 + 0.495 * math.cos(math.pi * epoch_ / max(epochs - 1, 1)))
    order = torch.randperm(2000)
    for i in range(0, 2000, c["batch"]):
      trainer.step(order[i:i + c["batch"]])
  return trainer.net, time.process_time() - start


def to_error(args, dmo):
  """Processor time of the quickest fit that is at least as good as PyTorch's: rates, epochs and batches tried alike."""
  print("\nopamp, processor time to a held-out near-pair error (2,000 rows around 200 centres, K = 10, Adam with "
        "cosine decay). Goal: PyTorch's best after --epochs epochs. For each side the quickest fit that reaches it, over "
        "learning rates and numbers of epochs; for dmo one step an epoch (the residual graph, full batch) or batches on it.")
  print("| seed | goal | PyTorch pairwise: rate, epochs, s | dmo full batch: batch, rate, epochs, s | dmo batches: rows, "
        "rate, epochs, s | ratio, full | ratio, batches |\n" + "|---" * 7 + "|")
  kept = []
  with tempfile.TemporaryDirectory() as folder:
    for seed in range(1, args.curve_seeds + 1):
      path, x, y, xh, yh, near = curve_data(folder, seed)
      fits = []
      for epochs in (args.epochs // 4, args.epochs // 2, args.epochs):
        for rate in (1e-3, 3e-3, 1e-2):
          net, seconds = peer_fit(NETS["opamp"], x, y, rate, epochs)
          fits.append((near_error(net, x, y, xh, yh, near), seconds, rate, epochs))
      goal = min(f[0] for f in fits if f[3] == args.epochs)
      theirs = min((f for f in fits if f[0] <= goal), key=lambda f: f[1])

      def quickest(batches, all_epochs):
        best = None
        for batch in batches:
          for epochs in all_epochs:
            for rate in (1e-3, 3e-3, 1e-2, 2e-2):
              got = dmo.ask(f"curve {path} k=10 batch={batch} lr={rate} cold_epochs={epochs} decay=true")
              if got["error"] <= goal and (best is None or got["cpu"] < best[0]):
                best = (got["cpu"], f"{batch}, {rate:g}, {epochs}, {got['cpu']:.2f}")
        return best

      full, some = quickest(["auto"], args.graph_epochs), quickest([128, 256], (10, 20, 40, 80))
      kept.append(tuple(theirs[1] / f[0] if f else 0.0 for f in (full, some)))
      print(f"| {seed} | {goal:.4f} | {theirs[2]:g}, {theirs[3]}, {theirs[1]:.2f} | "
            f"{full[1] if full else 'not reached'} | {some[1] if some else 'not reached'} | {kept[-1][0]:.2f} | {kept[-1][1]:.2f} |", flush=True)
  print(f"ratio, medians (quartiles) of {len(kept)} seeds: full batch {spread([k[0] for k in kept])}, "
        f"batches {spread([k[1] for k in kept])} (0: not reached)")


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--rounds", type=int, default=10)
  parser.add_argument("--seconds", type=float, default=0.5, help="of one measurement")
  parser.add_argument("--nets", nargs="+", default=list(NETS), choices=list(NETS))
  parser.add_argument("--losses", nargs="+", default=["mae", "gradpie"], choices=["mae", "gradpie"])
  parser.add_argument("--modes", nargs="+", default=["eager", "compile"], choices=["eager", "compile"])
  parser.add_argument("--parts", nargs="+", default=["steps", "epoch", "error"], choices=["steps", "epoch", "error"])
  parser.add_argument("--epochs", type=int, default=20, help="of PyTorch's pairwise training to an error")
  parser.add_argument(
    "--graph-epochs", type=int, nargs="+", default=[150, 600], help="of dmo's full-batch fits")
  parser.add_argument("--curve-seeds", type=int, default=5)
  parser.add_argument(
    "--threads", type=int, nargs="+", default=[1], help="PyTorch's, one table for each; dmo trains a network on one")
  parser.add_argument("--program", default=str(HERE / ".build/release/trainbench"))
  args = parser.parse_args()
  dmo = Dmo(args.program)
  print(versions(), flush=True)
  if "steps" in args.parts:
    for threads in args.threads:
      torch.set_num_threads(threads)
      torch.compiler.reset()  # compiled code knows how many threads it may use
      steps(args, dmo)
  torch.set_num_threads(1)
  torch.compiler.reset()
  if "epoch" in args.parts:
    epoch(args, dmo)
  if "error" in args.parts:
    to_error(args, dmo)
  dmo.close()


main()
