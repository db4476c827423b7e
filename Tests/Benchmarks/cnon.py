#!/usr/bin/env python3
"""`cnon` side by side with NumPy and PyTorch: the same network, 1000 RK4 steps of 0.01, one thread, taking turns,
processor time (steadier than wall time where others use the machine).

  ../shared/peers/install.sh DIR                    sets the peers up (or: a virtual environment with numpy and torch)
  swift build -c release --product oscillators
  Tests/Benchmarks/cnon.py --python DIR/bin/python [--peers ../shared/peers] [--plugin .build/release/liboscillators.so]

Each round runs every peer and the plugin once; the ratio of a round is peer / plugin, and what is printed are the
median, least and greatest ratio of the rounds.  PyTorch's gradient (peers/cnon.py) is that by J, e and q0, the
plugin's that by q0, which is what an optimiser of q0 needs; `torch, q0 alone` is PyTorch asked for just that.  Answers
are compared first.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS, DT = 1000, 0.01
TARGETS = {("numpy", 5): 50, ("numpy", 50): 12, ("torch_grad", 5): 100, ("torch_grad", 50): 100}

# Runs in the peers' Python: the problem and the answers of peers/cnon.py, or the time of its gradient by q0 alone.
HELPER = """
import json, sys
sys.path.insert(0, sys.argv[1])
import numpy as np, torch
import cnon
from _util import timeit
torch.set_num_threads(1)
n, steps, dt, what = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
J, e, q, v = cnon.problem(n)
tJ, te, tq, tv = map(torch.from_numpy, (J, e, q, v))
def gradient():
    x = tq.clone().requires_grad_(True)
    (cnon.rk4(tJ, te, x, tv, steps, dt, torch.sin)[0] ** 2).mean().backward()
    return x.grad
if what == "problem":
    end = cnon.rk4(J, e, q, v, steps, dt, np.sin)[0]
    print(json.dumps({"J": J.tolist(), "e": e.tolist(), "q0": q.tolist(), "qT": end.tolist(),
                      "gradient": gradient().tolist()}))
else:
    print(min(timeit(gradient, 2, 0).cpu) * 1e3)
"""


def parse():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--python", required=True, help="the peers' Python")
    ap.add_argument("--peers", type=Path, default=ROOT / "../shared/peers")
    ap.add_argument("--plugin", type=Path, default=ROOT / ".build/release/liboscillators.so")
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--sizes", type=int, nargs="+", default=[5, 50])
    return ap.parse_args()


def peer(a, n, impl):
    """Median processor milliseconds of peers/cnon.py."""
    command = [a.python, a.peers / "cnon.py", "--n", n, "--steps", STEPS, "--dt", DT, "--impl", impl, "--repeats", 3]
    out = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, env=ONE_THREAD).stdout
    return json.loads(out)["ms"]["cpu_median"]


def helper(a, n, what):
    command = [a.python, "-c", HELPER, str(a.peers), str(n), str(STEPS), str(DT), what]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=ONE_THREAD).stdout)


def dmo(a, program, system, q0, mode):
    """(median milliseconds a point, the numbers it computed)"""
    command = [program, a.plugin, system, STEPS * DT, DT, mode, 0.5]
    out = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True,
                         input=" ".join(map(repr, q0))).stdout.split()
    return float(out[0]), list(map(float, out[3:]))


def spread(values):
    return f"{statistics.median(values):8.4g} [{min(values):.4g} ... {max(values):.4g}]"


def compare(a, program, folder, n):
    problem = helper(a, n, "problem")
    system = Path(folder) / f"system_{n}.json"
    system.write_text(json.dumps({"J": problem["J"], "e": problem["e"]}))
    off = max(abs(x - y) for x, y in zip(dmo(a, program, system, problem["q0"], "evaluate")[1], problem["qT"]))
    grad = dmo(a, program, system, problem["q0"], "gradient")[1]
    size = max(map(abs, problem["gradient"]))
    grad_off = max(abs(x - y) for x, y in zip(grad, problem["gradient"])) / size
    print(f"n = {n}: q(T) differs from NumPy's by {off:.2g}, the gradient from PyTorch's by {grad_off:.2g} relative")
    if off > 1e-9 or grad_off > 1e-8:
        sys.exit("error: the answers differ, so their times mean nothing")
    times = {}
    for _ in range(a.rounds):
        for impl in ("numpy", "torch_grad"):
            times.setdefault(impl, []).append(peer(a, n, impl))
        times.setdefault("q0 alone", []).append(helper(a, n, "time"))
        for mode in ("evaluate", "gradient", "batch"):
            times.setdefault(mode, []).append(dmo(a, program, system, problem["q0"], mode)[0])
    for name, values in times.items():
        print(f"  {name:12} {spread(values)} ms")
    for what, theirs, ours in (("evaluate against NumPy", "numpy", "evaluate"), ("batch, a point", "numpy", "batch"),
                               ("gradient against PyTorch", "torch_grad", "gradient"),
                               ("gradient against torch, q0 alone", "q0 alone", "gradient")):
        ratios = [t / o for t, o in zip(times[theirs], times[ours])]
        target = TARGETS.get((theirs, n)) if ours != "batch" else None
        verdict = ""
        if target:
            verdict = f"  target {target}: {'met' if statistics.median(ratios) >= target else 'MISSED'}"
        print(f"  {what:33} {spread(ratios)} x{verdict}")


if __name__ == "__main__":
    a = parse()
    ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    for needed in (a.peers / "cnon.py", a.plugin):
        if not needed.exists():
            sys.exit(f"error: {needed} is not there; see --help")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "cnon"
        subprocess.run(["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-I", ROOT / "SDK/include",
                        ROOT / "Tests/Benchmarks/cnon.c", "-o", program, "-ldl"], check=True)
        for n in a.sizes:
            compare(a, program, folder, n)
