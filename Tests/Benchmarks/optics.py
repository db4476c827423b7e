#!/usr/bin/env python3
"""beam-splitter against TorchOptics, side by side: forward, and forward with the gradient of 3600 phases.

Runs the two programs by turns, ROUNDS times each, one thread each, double precision, the same grid, distance, method
and loss (one minus the squared overlap), and prints the ratio of their times with its spread over the rounds.

    swift build -c release --product wavefront
    Tests/Benchmarks/optics.py --peers ../shared/peers --venv DIR

DIR is a virtual environment with torch and torchoptics; without one, --venv DIR --install makes it with the peers'
own install.sh. The masks are random but not the same draw on both sides: time does not depend on them, and the answers
are compared by Tests/Plugins/Wavefront/run.sh.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = [("dim", 0.05, 8, 5), ("asm", 0.01, 8, 5)]  # method, distance in m, wanted ratios forward and gradient


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "../shared/peers", help="folder with optics.py")
    parser.add_argument("--venv", type=pathlib.Path, required=True, help="virtual environment of the peers")
    parser.add_argument("--install", action="store_true", help="make the environment with the peers' install.sh")
    parser.add_argument("--plugin", type=pathlib.Path, default=ROOT / ".build/release/libwavefront.so")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="time of each of dmo's measurements")
    return parser.parse_args()


def last_line(command, folder=None):
    threads = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    run = subprocess.run([str(part) for part in command], cwd=folder, env=threads, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{run.stderr}")
    return json.loads(run.stdout.strip().splitlines()[-1])


def spread(values):
    return f"{statistics.median(values):.3g} [{min(values):.3g} .. {max(values):.3g}]"


def compare(options, timer, method, distance):
    """The times of both programs, a dictionary of lists over the rounds."""
    times = {}
    for _ in range(options.rounds):
        mine = last_line([timer, options.plugin.resolve(), options.seconds, f"method={method}",
                          f"distance={distance}", "loss=overlap"])
        python = options.venv.absolute() / "bin/python"
        theirs = last_line([python, "optics.py", "--method", method.upper(), "--z", distance], options.peers.resolve())
        for what in ("forward_ms", "forward_grad_ms"):
            for clock in ("median", "cpu_median"):
                times.setdefault(("dmo", what, clock), []).append(mine[what][clock])
                times.setdefault(("TorchOptics", what, clock), []).append(theirs[what][clock])
        times.setdefault(("dmo", "batch_ms", "median"), []).append(mine["batch_ms"]["median"])
    return times


def main():
    options = arguments()
    if options.install:
        subprocess.run(["bash", options.peers / "install.sh", options.venv], check=True)
    for needed in (options.plugin, options.peers / "optics.py", options.venv / "bin/python"):
        if not needed.exists():
            sys.exit(f"{needed} is absent; see --help")
    met = True
    with tempfile.TemporaryDirectory() as folder:
        timer = pathlib.Path(folder) / "optics"
        source = pathlib.Path(__file__).with_suffix(".c")
        subprocess.run(["cc", "-O2", f"-I{ROOT / 'SDK/include'}", source, "-o", timer, "-ldl", "-lm"], check=True)
        for method, distance, forward_goal, gradient_goal in CASES:
            times = compare(options, timer, method, distance)
            print(f"{method}, {distance} m, {options.rounds} rounds; median [least .. greatest]")
            for what, goal in (("forward_ms", forward_goal), ("forward_grad_ms", gradient_goal)):
                ratios = {}
                for clock in ("median", "cpu_median"):
                    pairs = zip(times["TorchOptics", what, clock], times["dmo", what, clock])
                    ratios[clock] = [theirs / mine for theirs, mine in pairs]
                met = met and statistics.median(ratios["median"]) >= goal
                print(f"  {what}: TorchOptics {spread(times['TorchOptics', what, 'median'])} ms, "
                      f"dmo {spread(times['dmo', what, 'median'])} ms, ratio {spread(ratios['median'])} "
                      f"(processor time {spread(ratios['cpu_median'])}), wanted {goal}")
            print(f"  batch of 32: dmo {spread(times['dmo', 'batch_ms', 'median'])} ms a point")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
