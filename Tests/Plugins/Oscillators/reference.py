#!/usr/bin/env python3
"""An independent program for `cnon`: what the plugin's answers are checked against where the stored ones have no case.

Everything differs on purpose: equation (11) stands as it is printed, oscillator by oscillator and pair by pair, RK4
in its textbook form on (q, v), Python's own sine, and derivatives by a complex step (Squire and Trapp, SIAM Review
40, 1998).
Only the random numbers are the same, by definition: SplitMix64, as the plugin's README states it.

  reference.py            prints cases: options, then x, y, ybar and xbar = J(x)^T ybar
  reference.py --golden   prints Plugins/Oscillators/golden.c
"""
import cmath
import math
import random
import sys
from fractions import Fraction

MASK = (1 << 64) - 1
DEFAULT = dict(n="20", alpha="1", beta="1", T="0.5", dt="0.1", seed="1", variant="standard", norm="mean-absolute")
CASES = [
    {},
    dict(norm="l2"),
    dict(variant="wright"),
    dict(seed="12345678901", alpha="0.7", beta="-2.5"),
    dict(n="1", T="3", dt="0.01"),
    dict(n="2", T="1", dt="0.3"),
    dict(n="7", T="2.5", dt="0.05", variant="wright", norm="l2"),
    dict(n="8", T="0.3", dt="0.1", seed="0"),
    dict(n="9", alpha="-1", T="1", dt="0.02"),
    dict(n="17", T="0.5", dt="1000"),
    dict(n="33", alpha="0.2", T="2", dt="0.1", seed="4", norm="l2"),
    dict(n="50", alpha="0.1", T="1", dt="0.1", seed="5"),
]


def split_mix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def stream(seed, use):
    """Units in [0, 1): stream `use` of a seed starts at the seed's first number plus `use`."""
    for bits in split_mix((next(split_mix(seed)) + use) & MASK):
        yield (bits >> 11) / 2**53


def draw(o):
    n, seed = int(o["n"]), int(o["seed"])
    r = stream(seed, 1)
    c = [[float(o["alpha"]) * (1 + (2 * next(r) - 1)) for _ in range(n)] for _ in range(n)]
    j = [[(c[a][b] + c[b][a]) / 2 for b in range(n)] for a in range(n)]
    r = stream(seed, 2)
    e = [float(o["beta"]) * next(r) for _ in range(n)]
    r = stream(seed, 3)
    return j, e, [math.pi * (2 * next(r) - 1) for _ in range(n)]


def run(o, j, e, q):
    """q(T) by textbook RK4 on (q, v), from rest; complex q give complex q(T)."""
    n = len(q)
    sin = cmath.sin if isinstance(q[0], complex) else math.sin

    def acceleration(q):
        s = [sin(x) for x in q]
        total = lambda parts: sum(parts) if isinstance(q[0], complex) else math.fsum(parts)
        out = []
        for a in range(n):
            terms = [-s[a], e[a]] + [j[a][b] * (s[b] - s[a]) for b in range(n) if b != a]
            if o["variant"] == "wright":
                terms.append(-j[a][a] * s[a])
            out.append(total(terms))
        return out

    steps = math.ceil(Fraction(o["T"]) / Fraction(o["dt"]))
    h = float(o["T"]) / steps
    v = [0.0] * n
    move = lambda x, d, h: [a + h * b for a, b in zip(x, d)]
    for _ in range(steps):
        q1, v1 = v, acceleration(q)
        q2, v2 = move(v, v1, h / 2), acceleration(move(q, q1, h / 2))
        q3, v3 = move(v, v2, h / 2), acceleration(move(q, q2, h / 2))
        q4, v4 = move(v, v3, h), acceleration(move(q, q3, h))
        q = [x + h / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip(q, q1, q2, q3, q4)]
        v = [x + h / 6 * (a + 2 * b + 2 * c + d) for x, a, b, c, d in zip(v, v1, v2, v3, v4)]
    return q


def loss(o, end, target):
    d = [a - b for a, b in zip(end, target)]
    if o["norm"] == "l2":
        return (cmath.sqrt if isinstance(d[0], complex) else math.sqrt)(sum(x * x for x in d))
    return sum(x if (x.real > 0) else -x for x in d) / len(d)


def outputs(o, j, e, target, x):
    end = run(o, j, e, x)
    return end + [loss(o, end, target)]


def pullback(o, j, e, target, x, ybar):
    step = 1e-30
    out = []
    for i in range(len(x)):
        moved = [complex(a, step if k == i else 0) for k, a in enumerate(x)]
        y = outputs(o, j, e, target, moved)
        out.append(sum(w * complex(a).imag for w, a in zip(ybar, y)) / step)
    return out


def points(o, count):
    j, e, start = draw(o)
    target = run(o, j, e, start)
    rng = random.Random(20)
    for _ in range(count):
        x = [rng.uniform(-math.pi, math.pi) for _ in start]
        ybar = [rng.uniform(-1, 1) for _ in range(len(x) + 1)]
        yield x, outputs(o, j, e, target, x), ybar, lambda: pullback(o, j, e, target, x, ybar)


def line(values):
    return " ".join(repr(v) for v in values)


def golden():
    rows = [(x, y) for x, y, _, _ in points(DEFAULT, 2)]
    print("/* The default problem at two points, as Tests/Plugins/Oscillators/reference.py --golden prints it. */")
    print('#include "instance.h"\n')
    for name, which, size in (("x", 0, "OSC_GOLDEN_N"), ("y", 1, "OSC_GOLDEN_N + 1")):
        print(f"const double osc_golden_{name}[OSC_GOLDEN_COUNT][{size}] = {{")
        for row in rows:
            texts = [repr(v) for v in row[which]]
            print("  {")
            for k in range(0, len(texts), 5):
                print("    " + ", ".join(texts[k:k + 5]) + ",")
            print("  },")
        print("};")


def main():
    if sys.argv[1:] == ["--golden"]:
        return golden()
    print(len(CASES))
    for change in CASES:
        o = {**DEFAULT, **change}
        print(*(o[k] for k in ("n", "alpha", "beta", "T", "dt", "seed", "variant", "norm")))
        x, y, ybar, xbar = next(points(o, 1))
        for values in (x, y, ybar, xbar()):
            print(line(values))


main()
