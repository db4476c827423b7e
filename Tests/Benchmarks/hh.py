#!/usr/bin/env python3
"""libhh.so against NEURON, side by side: rounds of both in turn, processor time, ratios with their spread.

Usage: hh.py [--library LIB] [--peers DIR] [--venv DIR] [--rounds N] [--install]

LIB defaults to .build/release/libhh.so, DIR of the peers to ../shared/peers (its hh.py runs NEURON's psolve, the faster
of its solvers, with its default rate tables), the virtual environment to peers-env there or below the current folder;
--install makes it with the peers' own install.sh first.
"""
import argparse, json, os, pathlib, statistics, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", default=ROOT / ".build/release/libhh.so", type=pathlib.Path)
    parser.add_argument("--peers", default=ROOT / "../shared/peers", type=pathlib.Path)
    parser.add_argument("--venv", default="peers-env", type=pathlib.Path)
    parser.add_argument("--rounds", default=7, type=int)
    parser.add_argument("--install", action="store_true")
    return parser.parse_args()


def build(folder):
    program = folder / "hh"
    tests = ROOT / "Tests/Plugins/HodgkinHuxley"
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu2x", "-O2", f"-I{ROOT}/SDK/include", f"-I{ROOT}/Plugins/Shared",
                    ROOT / "Tests/Benchmarks/hh.c", tests / "host.c", *(ROOT / "Plugins/Shared").glob("*.c"),
                    "-o", program, "-ldl", "-lcjson", "-lm"], check=True)
    return program


# The peer's network, drawn by the same generator in the same order, as a system file for hh-network.
NETWORK = """
import json, sys, numpy as np
rng = np.random.default_rng(0)
n, p = 100, 0.1
amps = [rng.uniform(0.0, 0.15) for _ in range(n)]
pairs = [[i, j] for i in range(n) for j in range(n) if i != j and rng.random() < p]
json.dump({"amps_nA": amps, "connections": pairs, "weight_uS": 0.0005, "delay_ms": 1.0, "tau_ms": 2.0, "e_mV": 0.0,
           "dt_ms": 0.025, "tstop_ms": 1000.0}, open(sys.argv[1], "w"))
"""


def ours(program, library, task, options):
    lines = subprocess.run([program, library, task, "5", *options], check=True, capture_output=True, text=True).stdout
    times, spikes = lines.splitlines()
    return statistics.median(map(float, times.split())), float(spikes)


def scaled(result, factor):
    return result[0] * factor, result[1]


def neuron(python, peers, *options):
    command = [python, "hh.py", "--solver", "psolve", "--repeats", "3", *options]
    lines = subprocess.run(command, cwd=peers, check=True, capture_output=True, text=True).stdout
    record = json.loads([line for line in lines.splitlines() if line.startswith("{")][-1])
    return record["ms_per_sim"]["cpu_median"], record["spikes"]


def compare(name, target, mine, theirs, rounds):
    pairs = [(mine(), theirs()) for _ in range(rounds)]
    ratios = sorted(other[0] / own[0] for own, other in pairs)
    quick, slow = (statistics.median(pair[i][0] for pair in pairs) for i in (0, 1))
    print(f"{name}: {quick:.3g} ms against {slow:.4g} ms; ratio {statistics.median(ratios):.1f} "
          f"[{ratios[0]:.1f} ... {ratios[-1]:.1f}], {rounds} rounds; target {target}; "
          f"activity {pairs[0][0][1]:.4g} against {pairs[0][1][1]:.4g}", flush=True)


def main():
    options = arguments()
    peers = options.peers.resolve()
    if not (peers / "hh.py").exists():
        sys.exit(f"skip: no hh.py in {peers}; give --peers DIR")
    if options.install:
        subprocess.run([peers / "install.sh", options.venv], check=True)
    python = options.venv.resolve() / "bin/python"
    if not python.exists():
        sys.exit(f"error: no virtual environment at {options.venv}; give --venv DIR or --install")
    if not options.library.exists():
        sys.exit(f"error: no library at {options.library}; run swift build -c release --product hh")
    library = options.library.resolve()
    with tempfile.TemporaryDirectory() as folder:
        program, system = build(pathlib.Path(folder)), pathlib.Path(folder) / "network.json"
        subprocess.run([python, "-c", NETWORK, system], check=True)
        cell = ["duration=1000", "record_dt=1"]
        single = lambda: neuron(python, peers, "--no-record")
        compare("one cell, 1000 ms", ">= 10", lambda: ours(program, library, "single", cell), single, options.rounds)
        compare("one cell, v of every step", ">= 10", lambda: ours(program, library, "single", ["duration=1000"]),
                lambda: neuron(python, peers), options.rounds)
        compare("one cell, NEURON's own scheme", ">= 10",
                lambda: ours(program, library, "single", [*cell, "integrator=staggered-euler"]),
                lambda: neuron(python, peers, "--no-record", "--exact-rates"), options.rounds)
        compare("a cell of a batch of 16", ">= 40", lambda: ours(program, library, "batch", cell), single,
                options.rounds)
        # hh-cell's protocol: 200 ms of 2 cells, 4 times 60 ms of 8, 250 ms of 8: 4320 ms of cell time.
        compare("hh-cell, per 1000 ms of cell time", ">= 10",
                lambda: scaled(ours(program, library, "cell", []), 1 / 4.32), single, options.rounds)
        compare("100 cells, 1000 ms (activity: Hz, spikes)", ">= 5",
                lambda: ours(program, library, "network", [f"system={system}", "spikes=0", "transient=0"]),
                lambda: neuron(python, peers, "--task", "network", "--no-record"), options.rounds)
        # The same scheme and exact rates on both sides: the spikes must be as many (Hz of 100 cells in 1 s = spikes / 100).
        compare("100 cells, NEURON's own scheme", ">= 5",
                lambda: ours(program, library, "network", [f"system={system}", "spikes=0", "transient=0",
                                                           "integrator=staggered-euler"]),
                lambda: neuron(python, peers, "--task", "network", "--no-record", "--exact-rates"), options.rounds)


if __name__ == "__main__":
    main()
