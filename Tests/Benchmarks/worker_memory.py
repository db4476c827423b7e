#!/usr/bin/env python3
"""Resident memory of dmo's worker process over many evaluations of a plugin, through `dmo eval`.

Random points go in on standard input; the worker's VmRSS is read from /proc as answers come out. Prints it at eleven checkpoints and
the slope after the first tenth, in bytes an evaluation. Exit 1 when the slope exceeds --limit.

usage: worker_memory.py [--plugin opamp] [--problem opamp-fom] [--set models=FILE] [--count 10000] [--limit 64]
"""
import argparse
import json
import os
import random
import subprocess
import sys
import threading


def children(pid):
    """Direct children by /proc."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as f:
                    if int(f.read().rsplit(")", 1)[1].split()[1]) == pid:
                        found.append(int(name))
            except OSError:
                pass
    return found


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmRSS"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dmo", default=".build/release/dmo")
    parser.add_argument("--plugin", default="opamp")
    parser.add_argument("--problem", default="opamp-fom")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--limit", type=float, default=64, help="bytes an evaluation")
    options = parser.parse_args()
    settings = [word for text in options.set for word in ("--set", text)]
    common = ["--plugin", options.plugin, "--problem", options.problem, *settings]
    show = subprocess.run([options.dmo, "plugin", "show", options.plugin, "--problem", options.problem, *settings, "--json"],
                          check=True, capture_output=True, text=True)
    parameters = json.loads(show.stdout)["problems"][0]["parameters"]
    draw = random.Random(1)

    def value(p):
        v = draw.uniform(p["min"], p["max"])
        return repr(float(round(v)) if "whole" in p["range"] else v)

    rows = [",".join(p["id"] for p in parameters)]
    rows += [",".join(value(p) for p in parameters) for _ in range(options.count)]
    process = subprocess.Popen([options.dmo, "eval", *common, "-i", "-", "-o", "-", "--json"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    feeder = threading.Thread(target=lambda: (process.stdin.write("\n".join(rows) + "\n"), process.stdin.close()))
    feeder.start()
    step = options.count // 10
    seen, samples, worker = 0, [], None
    for _ in process.stdout:
        seen += 1
        if worker is None:
            worker = children(process.pid)[0]
        if seen % step == 0 or seen == 1:
            try:
                samples.append((seen, resident(worker)))
            except (OSError, StopIteration):
                pass  # the last answers may come out when the worker has already gone
    if process.wait() != 0 or seen != options.count:
        sys.exit(f"dmo eval: exit {process.returncode} after {seen} of {options.count} answers")
    for count, size in samples:
        print(f"{count:8d} evaluations: {size / 2**20:.2f} MiB")
    late = [s for s in samples if s[0] >= step]
    mean_n = sum(n for n, _ in late) / len(late)
    mean_m = sum(m for _, m in late) / len(late)
    slope = sum((n - mean_n) * (m - mean_m) for n, m in late) / sum((n - mean_n) ** 2 for n, _ in late)
    print(f"slope: {slope:.1f} bytes an evaluation (limit {options.limit})")
    return 0 if slope <= options.limit else 1


if __name__ == "__main__":
    sys.exit(main())
