#!/usr/bin/env python3
"""Writes the golden points of the op-amp plugin (Plugins/OpAmp/golden.inc) from the ngspice command line.

usage: opamp_golden.py CARDS > Plugins/OpAmp/golden.inc
       opamp_golden.py --edges CARDS > table.csv     sizings on and 0.5 nm beside the cards' bin edges, for opamp_oracle

One ngspice process a sizing, with the plugin's default options.  Nothing of the plugin is used: the netlist is
written here, the operating point and the AC sweep are two analyses, and the servo is the only shared idea.
"""
import cmath
import math
import os
import random
import re
import subprocess
import sys
import tempfile

VDD, VCM, IBIAS, CLOAD = 1.8, 0.9, 20e-6, 10e-12
NAMES = "w_bias l_bias w_pair l_pair w_load l_load w_gain l_gain ratio c_comp".split()
OUTPUTS = "gain ugbw pm power vos vos_abs satmargin slew area fom".split()


def netlist(x, cards, table):
    """The testbench of sizing x (um, pF), which writes its sweep to `table`."""
    def fet(name, nodes, model, w, l):
        edge = 0.29
        return (f"{name} {nodes} {model} w={w!r}u l={l!r}u ad={w * edge!r}p as={w * edge!r}p "
                f"pd={2 * (w + edge)!r}u ps={2 * (w + edge)!r}u nrd=0 nrs=0")
    devices = [
        fet("m1", "x inn tl 0", "nfet", x["w_pair"], x["l_pair"]),
        fet("m2", "y inp tl 0", "nfet", x["w_pair"], x["l_pair"]),
        fet("m3", "x x vdd vdd", "pfet", x["w_load"], x["l_load"]),
        fet("m4", "y x vdd vdd", "pfet", x["w_load"], x["l_load"]),
        fet("m5", "tl nb 0 0", "nfet", x["w_bias"], x["l_bias"]),
        fet("m6", "out y vdd vdd", "pfet", x["w_gain"], x["l_gain"]),
        fet("m7", "out nb 0 0", "nfet", x["w_bias"] * x["ratio"], x["l_bias"]),
        fet("m8", "nb nb 0 0", "nfet", x["w_bias"], x["l_bias"]),
    ]
    sizes = [(1, "w_pair", "l_pair"), (1, "w_pair", "l_pair"), (1, "w_load", "l_load"), (1, "w_load", "l_load"),
             (1, "w_bias", "l_bias"), (1, "w_gain", "l_gain"), (x["ratio"], "w_bias", "l_bias"),
             (1, "w_bias", "l_bias")]
    area = sum(k * x[w] * x[l] for k, w, l in sizes)
    shown = " ".join(f"@m{m}[vds] @m{m}[vdsat]" for m in range(1, 9))
    return area, "\n".join([
        "golden point", f".include {cards}", ".temp 27",
        ".option reltol=1e-10 abstol=1e-15 vntol=1e-11 itl1=500", *devices,
        f"cc y out {x['c_comp']!r}p", f"ib vdd nb {IBIAS!r}", f"vdd vdd 0 {VDD!r}", f"vp inp 0 dc {VCM!r} ac 0.5",
        "vn acn 0 dc 0 ac -0.5", "gz 0 z out z 1u", "cz z 0 1e6", "en inn acn z 0 1", f"cl out 0 {CLOAD!r}",
        f".nodeset v(out)={VCM} v(inn)={VCM} v(z)={VCM}", ".control", "set num_threads=1", "set numdgt=16", "op",
        "print vdd#branch out @m5[id] @m7[id]", f"print {shown}", "ac dec 20 0.1 10g", "set wr_singlescale",
        f"wrdata {table} out", "quit", ".endc", ".end", ""])


def evaluate(x, cards, folder):
    """The outputs of sizing x by one ngspice process."""
    deck_path, table = os.path.join(folder, "deck.cir"), os.path.join(folder, "sweep.txt")
    area, text = netlist(x, os.path.abspath(cards), table)
    with open(deck_path, "w") as deck:
        deck.write(text)
    if os.path.exists(table):
        os.remove(table)
    run = subprocess.run(["ngspice", "-b", deck_path], capture_output=True, text=True, timeout=60, check=False)
    value = {k: float(v) for k, v in re.findall(r"^(\S+) = (\S+)", run.stdout, re.M)}
    sweep = [[float(v) for v in line.split()] for line in open(table) if line.strip()]
    points = [(f, complex(re_, im)) for f, re_, im in sweep]
    gain = abs(points[0][1])
    ugbw = pm = 0.0
    if gain > 1:
        # Phase accumulates from the ratio of neighbours, so that no wrap can be missed.
        phase = cmath.phase(points[0][1])
        for (f0, a0), (f1, a1) in zip(points, points[1:]):
            step = cmath.phase(a1 / a0)
            if abs(a1) <= 1:
                t = math.log(abs(a0)) / math.log(abs(a0) / abs(a1))
                ugbw, pm = f0 * (f1 / f0) ** t, 180 + math.degrees(phase + t * step)
                break
            phase += step
        else:
            raise SystemExit(f"no unity crossing at {x}: not a golden point")
    vos = value["out"] - VCM
    cc = x["c_comp"] * 1e-12
    return dict(
        gain=gain, ugbw=ugbw, pm=pm, power=-VDD * value["vdd#branch"], vos=vos, vos_abs=abs(vos),
        satmargin=min(value[f"@m{m}[vds]"] - value[f"@m{m}[vdsat]"] for m in range(1, 9)),
        slew=min(value["@m5[id]"] / cc, value["@m7[id]"] / (CLOAD + cc)), area=area,
        fom=1.2 * gain / 100 + 1.6 * pm / 90 + 10 * ugbw / 1e9)


def edge_table(cards):
    """Prints a table of sizings at the bin edges that the cards name, in the columns of opamp_oracle."""
    text = open(cards).read()
    lengths, widths = (sorted({float(v) * 1e6 for v in re.findall(rf"\b{k}(?:min|max)=(\S+)", text)}) for k in "lw")
    lengths = [v for v in lengths if 0.2 <= v <= 2]
    widths = [v for v in widths if 2 <= v <= 32]
    draw = random.Random(11)
    columns = dict(gain="G", ugbw="UGBW", pm="PM", power="power", vos="vos", satmargin="satmargin")
    print(",".join(NAMES + list(columns.values())))
    with tempfile.TemporaryDirectory() as folder:
        for n in range(30):
            def at(edges, low, high):
                return min(high, max(low, draw.choice(edges) + draw.choice([-0.0005, 0, 0, 0.0005])))
            x = {k: at(widths, 2, 32) if k[0] == "w" else at(lengths, 0.2, 2) for k in NAMES[:8]}
            x.update(ratio=n % 3 + 1, c_comp=draw.uniform(0.1, 20))
            y = evaluate(x, cards, folder)
            print(",".join(repr(v) for v in [*x.values(), *(y[k] for k in columns)]))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--edges":
        return edge_table(sys.argv[2])
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    draw = random.Random(2024)
    middle = dict(zip(NAMES, [17, 1.1, 17, 1.1, 17, 1.1, 17, 1.1, 2, 10.05]))
    corner = dict(zip(NAMES, [2, 2, 32, 0.2, 2, 2, 32, 0.2, 1, 0.1]))
    sizings = [middle, corner]
    for _ in range(6):
        x = {n: draw.uniform(2, 32) if n[0] == "w" else draw.uniform(0.2, 2) for n in NAMES[:8]}
        sizings.append({**x, "ratio": draw.choice([1, 2, 3]), "c_comp": draw.uniform(0.1, 20)})
    print("/* Written by Tests/Scripts/opamp_golden.py from the ngspice command line; models generic130. */")
    with tempfile.TemporaryDirectory() as folder:
        for x in sizings:
            y = evaluate(x, sys.argv[1], folder)
            print("{{" + ", ".join(repr(x[n]) for n in NAMES) + "},\n  {"
                  + ",\n   ".join(", ".join(repr(y[n]) for n in OUTPUTS[i:i + 5]) for i in (0, 5)) + "}},")
    return None


if __name__ == "__main__":
    main()
