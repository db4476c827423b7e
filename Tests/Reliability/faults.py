#!/usr/bin/env python3
"""Every system call of the store fails once: a full disk, an input/output error, an interruption, a short write, death.

usage: Tests/Reliability/faults.py [KIND,…|all] [EVERY]      default: all kinds, every call (EVERY 7: each seventh)
For each call that `dmo run` makes on the study's files, one run in which that call fails. Then the study must be whole,
hold every evaluation that dmo had said was committed, and, resumed, equal the undisturbed one; and where the run ended
in an error, dmo must have said what to do. Runs in both storage modes. Prints one line of figures for each kind.
"""
import os
import pathlib
import re
import sqlite3
import subprocess
import sys

from common import DMO, ROOT, dmo, folder, plugin

KINDS = ["enospc", "enospc-on", "eio", "eintr", "short", "kill"]
BUDGET = 3


def one(where, library, shim, kind, number, mode):
    """A run with one fault. Returns (whether it struck, or None after the last call; exit status; evaluations lost)."""
    study = f"{where}/s.dmo"
    for path in pathlib.Path(where).glob("s.dmo*"):
        path.unlink()
    environment = dict(os.environ, LD_PRELOAD=shim, FAULT_AT=str(number), FAULT_KIND=kind, FAULT_LOG=f"{where}/log")
    pathlib.Path(f"{where}/log").unlink(missing_ok=True)
    command = ["run", "--plugin", library, "--search", "sobol", "--budget", str(BUDGET), "--study", study, "--json",
               "--in-process", *mode]
    ran = subprocess.run([DMO, *command], capture_output=True, text=True, env=environment, timeout=120)
    log = pathlib.Path(f"{where}/log")
    if not log.exists() and ran.returncode != -9:
        sys.exit(f"{kind} at call {number}: the shim wrote no log; exit status {ran.returncode}\n{ran.stderr}")
    calls, failed = map(int, log.read_text().split()) if log.exists() else (number, 1)
    happened = failed > 0 if calls >= number else None
    where_it = f"{kind} at call {number} {' '.join(mode)}"
    if ran.returncode not in (0, 5, -9):
        sys.exit(f"{where_it}: exit status {ran.returncode}\n{ran.stdout}{ran.stderr}")
    if ran.returncode == 5 and '"type":"error"' not in ran.stdout:
        sys.exit(f"{where_it}: ended without a word\n{ran.stdout}{ran.stderr}")
    told = {int(m) for m in re.findall(r'\{"type":"evaluation","id":(\d+),', ran.stdout)}
    if not os.path.exists(study):
        if told:
            sys.exit(f"{where_it}: {len(told)} evaluations were told and there is no study")
        return happened, ran.returncode, 0
    dmo("check", study)
    lost = len(told - {row[0] for row in rows(study) if row[1] is not None})
    dmo("resume", study)
    return happened, ran.returncode, lost if rows(study) == WHOLE else BUDGET


def rows(study):
    """As `table`, without another process."""
    connection = sqlite3.connect(f"file:{study}?mode=ro", uri=True)
    values = ", ".join([f"p{i}" for i in range(10)] + [f"f{i}" for i in range(8)])
    found = connection.execute(
        f"SELECT _id, _answer, _status, _source, _seed, {values} FROM evaluations ORDER BY _id").fetchall()
    connection.close()
    return found


def main():
    global WHOLE
    kinds = KINDS if len(sys.argv) < 2 or sys.argv[1] == "all" else sys.argv[1].split(",")
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    total_lost = 0
    with folder() as where:
        library = plugin(where)
        shim = f"{where}/faults.so"
        subprocess.run(["cc", "-O1", "-fPIC", "-shared", ROOT / "Tests/Reliability/faults.c", "-o", shim, "-ldl"], check=True)
        dmo("run", "--plugin", library, "--search", "sobol", "--budget", str(BUDGET), "--study", f"{where}/whole.dmo",
            "--in-process")
        WHOLE = rows(f"{where}/whole.dmo")
        for kind in kinds:
            faults = ended = lost = 0
            calls = []
            for mode in [[], ["--safe-storage"]]:
                number = 1
                while True:
                    happened, status, gone = one(where, library, shim, kind, number, mode)
                    if happened is None:
                        break
                    faults += happened
                    ended += happened and status != 0
                    lost += gone
                    number += every
                calls.append(number - 1)
            total_lost += lost
            print(f"{kind}: faults injected {faults} (calls of a run: {calls[0]} with a log, {calls[1]} with a journal), "
                  f"runs that went on {faults - ended}, that stopped and were resumed {ended}, evaluations lost {lost}",
                  flush=True)
    sys.exit(1 if total_lost else 0)


main()
