#!/usr/bin/env python3
"""The best hypervolumes known of the suite's problems (Sources/DMOBench/SuiteProblem.swift), one line a problem.

    VENV/bin/python suite_best.py [problem …]          (pymoo 0.6.2, moocore)

Where the front has a formula, or the problem two parameters, the front itself is sampled densely; elsewhere the larger of
pymoo's own front and all that NSGA-II finds in 200,000 evaluations, two seeds.
"""
import sys

import moocore
import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.callback import Callback
from pymoo.optimize import minimize
from pymoo.problems import get_problem

REFERENCE = {
    "zdt1": [1.1, 1.1], "zdt2": [1.1, 1.1], "zdt3": [1.1, 1.1], "dtlz2": [1.1] * 3, "c2dtlz2": [1.1] * 3,
    "tnk": [1.2, 1.2], "srn": [231.21, -5.958], "bnh": [149.6, 54.6], "osy": [0, 90], "mw1": [1.1, 1.085],
    "mw2": [1.1, 1.1], "mw3": [1.1, 1.1], "welded_beam": [40, 0.02], "carside": [45, 4.2, 13.5],
}
KEYWORDS = {"zdt1": {"n_var": 30}, "zdt2": {"n_var": 30}, "zdt3": {"n_var": 30}, "dtlz2": {"n_var": 10, "n_obj": 3}}


def stairs(f):
    """The non-dominated of points with two objectives."""
    f = f[np.lexsort((f[:, 1], f[:, 0]))]
    best = np.minimum.accumulate(f[:, 1])
    return f[np.r_[[True] * min(len(f), 1), f[1:, 1] < best[:-1]].astype(bool)]


def grid(name, side=4000):
    """Both parameters of a problem on a grid."""
    problem = get_problem(name)
    axes = [np.linspace(a, b, side) for a, b in zip(problem.xl, problem.xu)]
    front = np.empty((0, 2))
    for rows in np.array_split(axes[0], 100):
        x = np.stack(np.meshgrid(rows, axes[1], indexing="ij"), -1).reshape(-1, 2)
        f, g = problem.evaluate(x, return_values_of=["F", "G"])
        front = stairs(np.vstack([front, f[(g <= 0).all(1)]]))
    return front


def curve(name):
    t = np.linspace(0, 1, 400_001)
    if name == "tnk":
        # The front lies on the first constraint, and on the second one's circle where that cuts it.
        a = t * np.pi / 2
        r = np.sqrt(1 + 0.1 * np.cos(16 * a))
        b = 2 * np.pi * t
        x = np.vstack([
            np.stack([r * np.sin(a), r * np.cos(a)], 1),
            0.5 + np.sqrt(0.5) * (1 - 1e-12) * np.stack([np.cos(b), np.sin(b)], 1)])
        x = x[(x >= 0).all(1)]
        radius = 1 + 0.1 * np.cos(16 * np.arctan2(x[:, 0], x[:, 1]))
        return stairs(x[((x**2).sum(1) >= radius - 1e-12) & (((x - 0.5) ** 2).sum(1) <= 0.5)])
    f2 = {"zdt1": 1 - np.sqrt(t), "zdt2": 1 - t**2, "zdt3": 1 - np.sqrt(t) - t * np.sin(10 * np.pi * t)}[name]
    return stairs(np.stack([t, f2], 1))


def sphere(name):
    """Random points of the unit sphere, for C2-DTLZ2 those within 0.4 of a corner or 0.5 of the middle (m = 3: r = 0.4)."""
    f = np.abs(np.random.default_rng(1).standard_normal((60_000, 3)))
    f /= np.linalg.norm(f, axis=1, keepdims=True)
    if name == "dtlz2":
        return f
    problem = get_problem("c2dtlz2", n_var=12, n_obj=3)
    # Angles back to parameters; the others at the middle, where g = 0.
    x = np.full((len(f), 12), 0.5)
    x[:, 0] = np.arctan2(f[:, 2], np.hypot(f[:, 0], f[:, 1])) * 2 / np.pi
    x[:, 1] = np.arctan2(f[:, 1], f[:, 0]) * 2 / np.pi
    values, g = problem.evaluate(x, return_values_of=["F", "G"])
    return values[(g <= 0).all(1)]


class Archive(Callback):
    def __init__(self):
        super().__init__()
        self.front = None

    def notify(self, algorithm):
        feasible = algorithm.pop.get("CV")[:, 0] <= 0
        f = algorithm.pop.get("F")[feasible]
        both = f if self.front is None else np.vstack([self.front, f])
        self.front = moocore.filter_dominated(both) if len(both) else None


def search(name):
    problem = get_problem(name, **KEYWORDS.get(name, {}))
    fronts = []
    for seed in (1, 2):
        archive = Archive()
        minimize(problem, NSGA2(pop_size=200), ("n_gen", 1000), seed=seed, callback=archive, verbose=False)
        fronts.append(archive.front)
    try:
        exact = problem.pareto_front()
        if exact is not None and np.isfinite(exact).all():
            fronts.append(exact)
    except Exception:  # pymoo fetches some fronts from the network
        pass
    return np.vstack(fronts)


def main():
    for name in sys.argv[1:] or REFERENCE:
        if name in ("zdt1", "zdt2", "zdt3", "tnk"):
            how, front = "front", curve(name)
        elif name in ("dtlz2", "c2dtlz2"):
            how, front = "front", sphere(name)
        elif name in ("srn", "bnh"):
            how, front = "grid", grid(name)
        else:
            how, front = "search", search(name)
        print(name, how, f"{moocore.hypervolume(front, ref=REFERENCE[name]):.7g}", flush=True)


if __name__ == "__main__":
    main()
