#!/usr/bin/env python3
"""A long run over simulators that crash, quit, hang, leak, lie, overrun, fail and answer not-a-number.

usage: Tests/Reliability/soak.py [EVALUATIONS] [SHARE]      default: 100000 0.02
Watches dmo's resident memory and descriptors; at the end every evaluation has one answer, the counts agree with what each
evaluation's seed says must happen, and memory and descriptors are flat.
"""
import collections
import os
import sqlite3
import subprocess
import sys
import time

from common import DMO, dmo, folder, plugin

MASK = (1 << 64) - 1


def mix(z):
    """As in steady.c."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def expected(seed, share, kinds):
    """What the simulator does with this seed."""
    dice = mix(seed)
    if (dice >> 11) * 2.0**-53 >= share:
        return "good"
    return kinds[mix(dice) % len(kinds)]


# The statuses that each misdeed may end with. A lie (z) that comes before the true answer is a broken protocol; one that
# is read with it or after it costs the worker, and with it this evaluation or the next.
ALLOWED = {"good": {"ok"}, "c": {"crashed"}, "q": {"crashed"}, "h": {"timed-out"}, "l": {"ok", "failed"}, "z": {"crashed"},
           "w": {"crashed"}, "n": {"bad-output"}, "f": {"failed"}, "i": {"infeasible"}}


def slope(points):
    """Least squares, change of the second a unit of the first."""
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    spread = sum((x - mx) ** 2 for x, _ in points)
    return sum((x - mx) * (y - my) for x, y in points) / spread if spread else 0.0


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.02
    # Hangs cost their whole deadline, so there are few of them: one of 27 misdeeds.
    kinds = "cqlzwnfi" * 3 + "cqh"
    with folder() as where:
        study = f"{where}/soak.dmo"
        command = [DMO, "run", "--plugin", plugin(where), "--search", "random", "--budget", str(count), "--study", study,
                   "--jobs", "2", "--eval-timeout", "2s", "--worker-memory", "256M", "--set", f"faults={share}",
                   "--set", f"kinds={kinds}", "-q"]
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        samples = []
        while process.poll() is None:
            time.sleep(0.5)
            try:
                pages = int(open(f"/proc/{process.pid}/statm").read().split()[1])
                files = len(os.listdir(f"/proc/{process.pid}/fd"))
                rows = sqlite3.connect(f"file:{study}?mode=ro", uri=True)
                done = rows.execute("SELECT max(_answer) FROM evaluations").fetchone()[0] or 0
                rows.close()
                if pages > 0 and files > 0:
                    samples.append((done, pages * os.sysconf("SC_PAGESIZE") / 2**20, files))
            except (OSError, ValueError, sqlite3.Error):
                pass
        seconds = time.monotonic() - start
        if process.returncode != 0:
            sys.exit(f"exit status {process.returncode}\n{process.stderr.read()}")
        dmo("check", study)
        found = collections.Counter()
        wrong = []
        for number, seed, status in sqlite3.connect(study).execute("SELECT _id, _seed, _status FROM evaluations"):
            what = expected(seed & MASK, share, kinds)
            found[f"{what} {status}"] += 1
            if status not in ALLOWED[what]:
                wrong.append((number, what, status))
        total = sum(found.values())
        # After the first tenth, when every buffer has its size.
        late = [s for s in samples if s[0] > count / 10]
        memory = slope([(d, m) for d, m, _ in late]) * 1e5 if len(late) > 2 else 0.0
        files = [f for _, _, f in late]
        print(f"evaluations {total} in {seconds:.0f} s, misdeeds {total - found['good ok']}, "
              f"not as the seed says {len(wrong)}")
        print("  " + ", ".join(f"{n} {k}" for k, n in sorted(found.items())))
        if late:
            print(f"  memory {late[0][1]:.1f} MiB at first, {late[-1][1]:.1f} at last, slope {memory:.2f} MiB in 100,000 "
                  f"evaluations; descriptors {min(files)} to {max(files)}")
        # A lie may be noticed only while the evaluation after it runs; else every answer is what its seed calls for.
        strange = [w for w in wrong if w[2] != "crashed"]
        print(f"  crashed for a lie told before: {len(wrong) - len(strange)}; misled: {len(strange)}")
        # A short run's slope says little: a page more is megabytes in 100,000 evaluations.
        is_leak = late and abs(memory) > 8 and abs(late[-1][1] - late[0][1]) > 2
        if total != count or strange or is_leak or (late and max(files) - min(files) > 40):
            sys.exit(f"not as it should be: {strange[:10]}")


if __name__ == "__main__":
    main()
