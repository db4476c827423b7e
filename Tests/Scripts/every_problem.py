#!/usr/bin/env python3
"""Runs every problem of every shipped plugin through `dmo run`: 100 evaluations with the default search (random search above 200
parameters, where the surrogate's training would only cost time here). No evaluation may end otherwise than the problem declares.

usage: every_problem.py [--dmo .build/release/dmo] [--budget 100]
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

PLUGINS = ("opamp", "oscillators", "wavefront", "hh", "testproblems")


def lines(command, **more):
    ran = subprocess.run(command, capture_output=True, text=True, **more)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {ran.returncode}\n{ran.stderr}")
    return [json.loads(line) for line in ran.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dmo", default=".build/release/dmo")
    parser.add_argument("--budget", type=int, default=100)
    options = parser.parse_args()
    dmo = os.path.abspath(options.dmo)
    faults, count, start = [], 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for plugin in PLUGINS:
            library = os.path.join(os.path.dirname(dmo), f"lib{plugin}.so")
            for problem in lines([dmo, "plugin", "show", library, "--json"])[0]["problems"]:
                name = problem["id"]
                if not problem["parameters"] or not problem["outputs"]:
                    faults.append(f"{name}: plugin show tells no parameters or outputs")
                size = sum(max(1, p["count"]) for p in problem["parameters"])
                search = ["--search", "random"] if size > 200 else []
                answers = lines([dmo, "run", "--plugin", library, "--problem", name, "--budget", str(options.budget),
                                 "--study", f"{plugin}-{name}.dmo", "--json", "-q", *search], cwd=folder)
                seen = collections.Counter(a["status"] for a in answers if a["type"] == "evaluation")
                allowed = {"ok"}
                if "hidden constraints" in problem["flags"]:
                    allowed.add("infeasible")
                if name.endswith("-flaky"):
                    allowed.add("failed")
                if sum(seen.values()) != options.budget or set(seen) - allowed or not seen["ok"]:
                    faults.append(f"{plugin} {name}: {dict(seen)}, allowed {sorted(allowed)}")
                count += 1
    for fault in faults:
        print(fault)
    print(f"every_problem: {count} problems, {options.budget} evaluations each, {len(faults)} with an undeclared failure, "
          f"{time.monotonic() - start:.0f} s")
    return 1 if faults or count < 60 else 0


if __name__ == "__main__":
    sys.exit(main())
