#!/usr/bin/env python3
"""The evolutionary strategies and the hypervolume beside pymoo, moocore and pycma, interleaved, one thread.

    swift build -c release --product evobench          (in Tests/Benchmarks)
    VENV/bin/python evolution.py speed|quality|cmaes   (a virtual environment with pymoo, moocore, cma and scipy)
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402  (the variables above must be set first)

BENCH = pathlib.Path(__file__).parent / ".build/release/evobench"


def dmo(*words):
    return subprocess.run([BENCH, *map(str, words)], check=True, capture_output=True, text=True).stdout


def ratios(name, pairs, digits=2):
    """One line: medians and the quartiles of the peer's time over dmo's."""
    quotients = [peer / own for own, peer in pairs]
    low, middle, high = np.percentile(quotients, [25, 50, 75])
    own, peer = (statistics.median(p[k] for p in pairs) for k in (0, 1))
    print(f"| {name} | {own:.4g} | {peer:.4g} | {middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f}) |", flush=True)


def sphere_front(n, m, seed):
    x = np.abs(np.random.default_rng(seed).standard_normal((n, m)))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def speed(rounds):
    import moocore
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.optimize import minimize
    from pymoo.problems import get_problem

    print("| what | dmo, ms | peer, ms | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for m in (2, 3, 4, 5, 6):
            pairs = []
            for k in range(rounds):
                front = sphere_front(200, m, k)
                path = os.path.join(folder, "front.txt")
                np.savetxt(path, front, fmt="%.17g")
                milliseconds, value = map(float, dmo("hypervolume", path).split())
                reference = np.full(m, 1.1)
                repeats = 1
                while True:
                    start = time.perf_counter()
                    for _ in range(repeats):
                        peer = moocore.hypervolume(front, ref=reference)
                    spent = time.perf_counter() - start
                    if spent > 0.1:
                        break
                    repeats *= 2
                assert abs(value - peer) < 1e-12 * peer, (m, value, peer)
                pairs.append((milliseconds, spent / repeats * 1e3))
            ratios(f"hypervolume of 200 points, {m} objectives (moocore)", pairs)
    problem = get_problem("zdt1", n_var=30)
    pairs = []
    for k in range(rounds):
        own = float(dmo("generation", 200, 200))
        start = time.perf_counter()
        minimize(problem, NSGA2(pop_size=200), ("n_gen", 40), seed=k, verbose=False)
        pairs.append((own, (time.perf_counter() - start) / 40 * 1e3))
    ratios("generation of NSGA-II, population 200, ZDT1 (pymoo)", pairs, 1)


# Problem, population, budget, reference.
CELLS = [
    ("zdt1", 100, 5000, [1.1, 1.1]),
    ("zdt1", 100, 10000, [1.1, 1.1]),
    ("zdt2", 100, 10000, [1.1, 1.1]),
    ("dtlz2", 100, 1000, [1.1, 1.1, 1.1]),
    ("dtlz2", 100, 5000, [1.1, 1.1, 1.1]),
    ("tnk", 50, 500, [1.2, 1.2]),
    ("tnk", 100, 5000, [1.2, 1.2]),
    ("bnh", 50, 500, [149.6, 54.6]),
    ("bnh", 100, 5000, [149.6, 54.6]),
]


# With a surrogate: budgets at which dmosopt was recorded; pymoo with a population of 20, dmo with its defaults.
SURROGATE_CELLS = [
    ("zdt1", 20, 140, [1.1, 1.1]),
    ("zdt1", 20, 200, [1.1, 1.1]),
    ("zdt2", 20, 200, [1.1, 1.1]),
    ("dtlz2", 20, 200, [1.1, 1.1, 1.1]),
    ("tnk", 20, 206, [1.1, 1.1]),
    ("bnh", 20, 200, [149.6, 54.6]),
]


def quality(seeds, strategies):
    """Median hypervolume of all feasible points evaluated, and a one-sided Mann-Whitney test that dmo's is lower."""
    import moocore
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.callback import Callback
    from pymoo.optimize import minimize
    from pymoo.problems import get_problem
    from scipy.stats import mannwhitneyu

    class Archive(Callback):
        def __init__(self):
            super().__init__()
            self.points = []

        def notify(self, algorithm):
            batch = algorithm.pop if algorithm.off is None else algorithm.off
            feasible = batch.get("CV")[:, 0] <= 0
            self.points.append(batch.get("F")[feasible])

    print("| strategy | problem | population | evaluations | dmo: median (quartiles) | pymoo NSGA-II: median (quartiles) | p (dmo lower) |")
    print("|---|---|---|---|---|---|---|")
    for strategy in strategies:
        for name, population, budget, reference in SURROGATE_CELLS if "+" in strategy else CELLS:
            own_population = 0 if "+" in strategy else population
            fronts = [json.loads(line)["front"] for line in
                      dmo("search", strategy, name, budget, own_population, seeds).splitlines()]
            own = [moocore.hypervolume(np.array(f), ref=reference) if f else 0.0 for f in fronts]
            problem = get_problem(name, **({"n_var": 12, "n_obj": 3} if name == "dtlz2" else {}))
            theirs = []
            for seed in range(1, seeds + 1):
                archive = Archive()
                minimize(problem, NSGA2(pop_size=population), ("n_eval", budget), seed=seed, callback=archive, verbose=False)
                points = np.vstack(archive.points)[:budget]
                theirs.append(moocore.hypervolume(points, ref=reference) if len(points) else 0.0)
            p = mannwhitneyu(own, theirs, alternative="less").pvalue
            text = lambda v: "{1:.5g} ({0:.5g}–{2:.5g})".format(*np.percentile(v, [25, 50, 75]))  # noqa: E731
            print(f"| {strategy} | {name} | {population} | {budget} | {text(own)} | {text(theirs)} | {p:.2f} |", flush=True)


def cmaes(seeds):
    """Evaluations until f < 1e-8 on [-5, 5]^n, beside pycma with its defaults."""
    import cma

    def function(name, n):
        shift = np.array([0.5 + (i % 3) * 0.7 for i in range(n)])
        weights = 1e6 ** (np.arange(n) / (n - 1))

        def f(x):
            z = np.asarray(x) - shift
            if name == "sphere":
                return float(z @ z)
            if name == "ellipsoid":
                return float(weights @ z**2)
            if name == "rosenbrock":
                y = z + 1
                return float(np.sum(100 * (y[:-1] ** 2 - y[1:]) ** 2 + (1 - y[:-1]) ** 2))
            return float(20 - 20 * np.exp(-0.2 * np.sqrt(z @ z / n)) + np.e - np.exp(np.mean(np.cos(2 * np.pi * z))))
        return f

    print("| function, n | dmo: median (quartiles) | reached | pycma: median (quartiles) | reached |\n|---|---|---|---|---|")
    for name in ("sphere", "ellipsoid", "rosenbrock", "ackley"):
        for n in (5, 10, 20):
            own = json.loads(dmo("convergence", name, n, 200_000, seeds))
            theirs = []
            for seed in range(1, seeds + 1):
                f, count, reached = function(name, n), 0, -1
                start = np.random.default_rng(seed).uniform(-5, 5, n)
                search = cma.CMAEvolutionStrategy(
                    start, 3.0, {"bounds": [-5, 5], "seed": seed, "verbose": -9, "maxfevals": 200_000})
                while reached < 0 and not search.stop():
                    xs = search.ask()
                    values = []
                    for x in xs:
                        count += 1
                        values.append(f(x))
                        if reached < 0 and values[-1] < 1e-8:
                            reached = count
                    search.tell(xs, values)
                theirs.append(reached)

            def text(v):
                good = [c for c in v if c > 0]
                if not good:
                    return "– | 0"
                return "{1:.0f} ({0:.0f}–{2:.0f}) | {3}/{4}".format(*np.percentile(good, [25, 50, 75]), len(good), len(v))
            print(f"| {name}, {n} | {text(own)} | {text(theirs)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "quality", "cmaes"])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=15)
    parser.add_argument("--strategies", nargs="+", default=["nsga2"])
    a = parser.parse_args()
    if a.what == "speed":
        speed(a.rounds)
    elif a.what == "quality":
        quality(a.seeds, a.strategies)
    else:
        cmaes(a.seeds)
