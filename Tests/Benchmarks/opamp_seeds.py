#!/usr/bin/env python3
"""Best figure of merit so far on `opamp-fom` (generic130) over many seeds: random, mae, gradpie.

Runs `dmo run` once for each method and seed, keeps the studies in a folder, so that an interrupted benchmark goes on where it
stopped, and prints a table in Markdown: mean ± sd and median (quartiles) at 50, 100 and 200 evaluations, then the paired
differences between methods on the same seeds with a 95 % bootstrap interval. Nothing is tuned here: dmo's defaults.

usage: opamp_seeds.py [--dmo .build/release/dmo] [--seeds 20] [--folder .build/opamp-seeds] [--problem opamp-fom] [--first 1]
"""
import argparse
import csv
import io
import os
import random
import statistics
import subprocess
import sys

CHECKPOINTS = (50, 100, 200)
METHODS = {
    "random": ["--search", "random"],
    "mae": ["--trainer", "mae"],
    "gradpie": ["--trainer", "gradpie"],
}


def run(dmo, plugin, problem, folder, method, seed, extra):
    """One study; a finished one is not run again. Returns the best feasible objective after each answer."""
    path = os.path.join(folder, f"{problem}-{method}-{seed}.dmo")
    if not os.path.exists(path):
        command = [dmo, "run", "--plugin", plugin, "--problem", problem, "--budget", str(CHECKPOINTS[-1]),
                   "--seed", str(seed), "--study", path, "-q", *METHODS[method], *extra]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    table = subprocess.run([dmo, "export", path, "--columns", "answer,status,fom"], check=True, capture_output=True,
                           text=True).stdout
    rows = sorted(csv.DictReader(io.StringIO(table)), key=lambda r: int(r["answer"] or 10**9))
    if len(rows) != CHECKPOINTS[-1]:
        sys.exit(f"{path}: {len(rows)} evaluations; remove it, or finish it with `dmo resume {path}`")
    best, curve = float("-inf"), []
    for row in rows:
        if row["status"] == "ok":
            best = max(best, float(row["fom"]))
        curve.append(best)
    return curve


def interval(values, draws=10_000):
    """95 % bootstrap interval of the mean."""
    generator = random.Random(1)
    means = sorted(statistics.fmean(generator.choices(values, k=len(values))) for _ in range(draws))
    return means[int(0.025 * draws)], means[int(0.975 * draws)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dmo", default=".build/release/dmo")
    parser.add_argument("--plugin", default=".build/release/libopamp.so")
    parser.add_argument("--problem", default="opamp-fom")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--folder", default=".build/opamp-seeds")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("extra", nargs="*", help="further arguments of dmo run, after --")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    methods = options.methods.split(",")
    seeds = range(options.first, options.first + options.seeds)
    curves = {m: [] for m in methods}
    for seed in seeds:
        for method in methods:
            curves[method].append(run(options.dmo, options.plugin, options.problem, options.folder, method, seed,
                                      options.extra))
        print(f"seed {seed} done", file=sys.stderr)

    print(f"Best fom so far, {len(seeds)} seeds ({seeds[0]} … {seeds[-1]}): mean ± sd; median (quartiles)\n")
    print("| method | " + " | ".join(map(str, CHECKPOINTS)) + " |")
    print("|---|" + "---|" * len(CHECKPOINTS))
    for method in methods:
        cells = []
        for n in CHECKPOINTS:
            values = [curve[n - 1] for curve in curves[method]]
            low, middle, high = statistics.quantiles(values, n=4)
            cells.append(f"{statistics.fmean(values):.1f} ± {statistics.stdev(values):.1f}; "
                         f"{middle:.1f} ({low:.1f}–{high:.1f})")
        print(f"| {method} | " + " | ".join(cells) + " |")
    print("\nPaired differences on the same seeds: mean [95 % bootstrap interval], seeds won\n")
    print("| pair | " + " | ".join(map(str, CHECKPOINTS)) + " |")
    print("|---|" + "---|" * len(CHECKPOINTS))
    for i, a in enumerate(methods):
        for b in methods[:i]:
            cells = []
            for n in CHECKPOINTS:
                differences = [x[n - 1] - y[n - 1] for x, y in zip(curves[a], curves[b])]
                low, high = interval(differences)
                won = sum(d > 0 for d in differences)
                cells.append(f"{statistics.fmean(differences):+.1f} [{low:+.1f}, {high:+.1f}], {won}/{len(differences)}")
            print(f"| {a} − {b} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
