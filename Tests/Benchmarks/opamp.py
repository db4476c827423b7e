#!/usr/bin/env python3
"""Times the op-amp plugin against the ngspice command line, in CPU seconds, interleaved.

usage: Tests/Benchmarks/opamp.py [--rounds N] [--sizings N] [--cards FILE] [--memory N]

Each round gives the same random sizings to: the command line with the cards (one process a sizing, the same netlist
and the same two analyses as the plugin), the plugin with the same cards, and the plugin with generic130.  Printed are
evaluations per CPU second, the two ratios with their spread over the rounds, and resident memory over N evaluations.
Exit 1 when a ratio or the memory misses its target.  Needs libopamp.so: swift build -c release --product opamp
"""
import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.environ.get("DMO_SHARED", os.path.join(os.path.dirname(ROOT), "shared"))
PLUGIN = os.path.join(ROOT, ".build", "release", "libopamp.so")
TARGET_CLI, TARGET_GENERIC = 4.5, 2.0
EDGE = 0.29  # um, length of drain and source


def sizings(draw, count):
    """Random sizings in the order of the plugin's parameters."""
    def one():
        x = []
        for _ in range(4):
            x += [draw.uniform(2, 32), draw.uniform(0.2, 2)]
        return x + [draw.choice([1, 2, 3]), draw.uniform(0.1, 20)]
    return [one() for _ in range(count)]


def deck(x, cards, table):
    """What the plugin simulates, as a file for `ngspice -b`."""
    wb, lb, wp, lp, wl, ll, wg, lg, ratio, cc = x

    def fet(name, nodes, model, w, l):
        return (f"{name} {nodes} {model} w={w!r}u l={l!r}u ad={w * EDGE!r}p as={w * EDGE!r}p "
                f"pd={2 * (w + EDGE)!r}u ps={2 * (w + EDGE)!r}u nrd=0 nrs=0")
    show = " ".join(f"@m{m}[vds] @m{m}[vdsat]" for m in range(1, 9))
    return "\n".join([
        "command line", f".include {cards}", ".temp 27",
        ".option keepopinfo reltol=1e-9 abstol=1e-14 vntol=1e-10 chgtol=1e-18 itl1=100 itl2=100",
        fet("m8", "nb nb 0 0", "nfet", wb, lb), fet("m5", "tl nb 0 0", "nfet", wb, lb),
        fet("m7", "out nb 0 0", "nfet", wb * ratio, lb), fet("m1", "x inn tl 0", "nfet", wp, lp),
        fet("m2", "y inp tl 0", "nfet", wp, lp), fet("m3", "x x vdd vdd", "pfet", wl, ll),
        fet("m4", "y x vdd vdd", "pfet", wl, ll), fet("m6", "out y vdd vdd", "pfet", wg, lg),
        f"cc y out {cc!r}p", "ib vdd nb 20u", "vdd vdd 0 dc 1.8", "vp inp 0 dc 0.9 ac 0.5", "vn acn 0 dc 0 ac -0.5",
        "gz 0 z out z 1u", "cz z 0 1e6", "en inn acn z 0 1", "cl out 0 10p",
        ".nodeset v(nb)=0.65 v(tl)=0.2 v(x)=0.75 v(y)=0.75 v(out)=0.9 v(inn)=0.9 v(z)=0.9",
        ".control", "set num_threads=1", "set numdgt=16", "ac dec 20 0.1 10g", f"print @m5[id] @m7[id] {show}",
        "print op1.vdd#branch op1.out", "set wr_singlescale", f"wrdata {table} out", "quit", ".endc", ".end", ""])


def children_cpu():
    """CPU seconds of all children that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def time_command_line(points, cards, folder):
    """CPU seconds of one ngspice process a sizing."""
    path, table = os.path.join(folder, "deck.cir"), os.path.join(folder, "sweep.txt")
    spent = 0.0
    for x in points:
        with open(path, "w") as file:
            file.write(deck(x, cards, table))
        if os.path.exists(table):
            os.remove(table)
        before = children_cpu()
        subprocess.run(["ngspice", "-b", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        spent += children_cpu() - before
        if os.path.getsize(table) < 1000:
            sys.exit(f"the command line did not answer at {x}")
    return spent


class Plugin:
    """A process that keeps one instance of the plugin."""

    def __init__(self, driver, models):
        self.process = subprocess.Popen([driver, PLUGIN, models], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def time(self, points):
        """CPU seconds of these sizings, all of which must be answered."""
        for x in points:
            self.process.stdin.write(" ".join(repr(v) for v in x) + "\n")
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, count, answered = self.process.stdout.readline().split()
        if int(count) != len(points) or int(answered) != len(points):
            sys.exit(f"the plugin answered {answered} of {len(points)}")
        return float(seconds)


def summary(values):
    """Median with the quartiles and extremes."""
    quarter = statistics.quantiles(values, n=4)
    return (f"{statistics.median(values):8.2f}   quartiles {quarter[0]:.2f} .. {quarter[2]:.2f}, "
            f"extremes {min(values):.2f} .. {max(values):.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sizings", type=int, default=20, help="per round")
    parser.add_argument("--cards", default=os.path.join(SHARED, "sky130", "sky130_tt_trim.spice"))
    parser.add_argument("--memory", type=int, default=10000, help="evaluations for the memory check; 0: none")
    options = parser.parse_args()
    if not os.path.exists(PLUGIN):
        sys.exit("no .build/release/libopamp.so; run: swift build -c release --product opamp")
    if not os.path.exists(options.cards):
        print(f"skipped: {options.cards} is absent; give --cards FILE or set DMO_SHARED")
        return 0
    cards = os.path.abspath(options.cards)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        driver = os.path.join(folder, "opamp_rate")
        tests = os.path.join(ROOT, "Tests", "C")
        subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-I" + os.path.join(ROOT, "SDK", "include"),
                        os.path.join(tests, "tiny_host.c"), os.path.join(tests, "opamp_rate.c"), "-o", driver,
                        "-ldl", "-lm"], check=True)
        same, generic = Plugin(driver, cards), Plugin(driver, "-")
        draw = random.Random(5)
        warm_up = sizings(draw, 20)
        same.time(warm_up)
        generic.time(warm_up)
        rates = {"command line": [], "plugin, same cards": [], "plugin, generic130": []}
        for _ in range(options.rounds):
            points = sizings(draw, options.sizings)
            n = len(points)
            # The library is far quicker than the clock's tick is long: it gets each sizing five times.
            rates["command line"].append(n / time_command_line(points, cards, folder))
            rates["plugin, same cards"].append(5 * n / same.time(points * 5))
            rates["plugin, generic130"].append(5 * n / generic.time(points * 5))
        print(f"{options.rounds} rounds of {options.sizings} sizings; evaluations per CPU second, median:")
        for name, values in rates.items():
            print(f"  {name:20s} {summary(values)}")
        line, plugin, small = rates.values()
        to_line = [a / b for a, b in zip(plugin, line)]
        to_plugin = [a / b for a, b in zip(small, plugin)]
        print(f"  same cards, plugin / command line   {summary(to_line)}   (target {TARGET_CLI})")
        print(f"  plugin, generic130 / same cards     {summary(to_plugin)}   (target {TARGET_GENERIC})")
        good = statistics.median(to_line) >= TARGET_CLI and statistics.median(to_plugin) >= TARGET_GENERIC
        for models in (cards, "-") if options.memory else ():
            print("memory, models " + ("generic130:" if models == "-" else os.path.basename(models) + ":"), flush=True)
            good = subprocess.run([driver, PLUGIN, models, str(options.memory)], check=False).returncode == 0 and good
    print("pass" if good else "FAIL: a target was missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
