#!/usr/bin/env python3
"""kill -9 of dmo, or of its workers, at random moments; every study is resumed and compared with the uninterrupted one.

usage: Tests/Reliability/kill.py [dmo|workers] [KILLS] [SEED]      default: dmo 200 1
Needs a release build (make build), or DMO=/path/to/dmo. Prints one line of figures; exits with 1 on any difference.
"""
import os
import random
import re
import signal
import subprocess
import sys
import time

from common import DMO, dmo, folder, plugin, table

BUDGET = 400
# Searches that fit learn little here, and often.
LEARNERS = {
    "gradient": ["--trainer-set", "hidden=8", "--trainer-set", "cold_epochs=20", "--trainer-set", "epochs=4"],
    "bayes": ["--search-set", "raw=32", "--search-set", "restarts=2"],
    "joint": ["--trainer-set", "members=2", "--trainer-set", "width=16", "--trainer-set", "cold_epochs=20"],
}


def searches():
    """All there are, by the words that refuse an unknown one."""
    refused = subprocess.run([DMO, "run", "--plugin", "x", "--search", "none", "--budget", "1"], capture_output=True,
                             text=True)
    found = re.search(r"choose among ([a-z0-9, -]+)", refused.stderr)
    if not found:
        sys.exit(f"which searches are there?\n{refused.stderr}")
    return found.group(1).split(", ")


def command(study, library, search):
    budget = 60 if search in LEARNERS else BUDGET
    return ["run", "--plugin", library, "--search", search, "--budget", str(budget), "--study", study, "--set",
            "seconds=0.0005", *LEARNERS.get(search, [])]


def start(study, library, search, resume):
    words = ["resume", study] if resume else command(study, library, search)
    return subprocess.Popen([DMO, *words, "--json"], stdout=open(study + ".told", "ab"), stderr=subprocess.PIPE)


def told(study):
    """The evaluations that dmo said were committed."""
    lines = open(study + ".told", errors="replace").read().splitlines()
    found = [re.match(r'\{"type":"evaluation","id":(\d+),"status"', line) for line in lines]
    return {int(m.group(1)) for m in found if m}


def answered(study):
    if not os.path.exists(study):
        return set()
    rows = [line.split(",") for line in dmo("export", study, "--columns", "evaluation,answer").splitlines()[1:]]
    return {int(row[0]) for row in rows if row[1]}


def workers_of(pid):
    try:
        return [int(p) for p in open(f"/proc/{pid}/task/{pid}/children").read().split()]
    except OSError:
        return []


def kill_dmo(kills, dice, where, library):
    """Each study is killed again and again until it ends by itself."""
    done = lost = studies = 0
    whole, longest = {}, {}
    for search in searches():
        study = f"{where}/whole-{search}.dmo"
        began = time.monotonic()
        dmo(*command(study, library, search))
        whole[search] = table(study)
        longest[search] = time.monotonic() - began
    # Every search has its turn; half of the kills fall into a run's start, the others anywhere in it.
    while done < kills or studies % len(whole):
        search = list(whole)[studies % len(whole)]
        studies += 1
        study = f"{where}/{studies}.dmo"
        while True:
            process = start(study, library, search, resume=os.path.exists(study))
            time.sleep(dice.uniform(0, longest[search]) * dice.choice([0.3, 1]))
            running = process.poll() is None
            if running:
                process.send_signal(signal.SIGKILL)
            said = process.communicate()[1].decode()
            if not running:
                if process.returncode == 0:
                    break
                sys.exit(f"study {studies}: exit status {process.returncode}\n{said}")
            done += 1
            lost += len(told(study) - answered(study))
        if table(study) != whole[search]:
            sys.exit(f"study {studies} ({search}) differs from the uninterrupted one")
        dmo("check", study)
    print(f"kills of dmo {done}, studies {studies} ({', '.join(whole)}), all equal to the uninterrupted one; evaluations lost {lost}")
    return lost


def kill_workers(kills, dice, where, library):
    """A killed worker costs its evaluation a try, and with a retry nothing at all."""
    study = f"{where}/whole.dmo"
    dmo("run", "--plugin", library, "--search", "sobol", "--budget", str(BUDGET), "--study", study, "--set", "seconds=0.0005")
    whole = table(study)
    done = studies = 0
    while done < kills:
        studies += 1
        study = f"{where}/w{studies}.dmo"
        process = subprocess.Popen(
            [DMO, "run", "--plugin", library, "--search", "sobol", "--budget", str(BUDGET), "--study", study,
             "--set", "seconds=0.0005", "--retries", "50"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while process.poll() is None and done < kills:
            time.sleep(dice.uniform(0.01, 0.2))
            # Before the first answer a dead worker means that the plugin cannot be loaded.
            if not os.path.exists(study):
                continue
            for pid in workers_of(process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                    done += 1
                except ProcessLookupError:
                    pass
        said = process.communicate()[1].decode()
        if process.returncode != 0:
            sys.exit(f"study {studies}: exit status {process.returncode}\n{said}")
        if table(study) != whole:
            sys.exit(f"study {studies} differs from the undisturbed one")
        dmo("check", study)
    print(f"kills of workers {done}, studies {studies}, all equal to the undisturbed one; evaluations lost 0")
    return 0


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "dmo"
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    dice = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    with folder() as where:
        lost = {"dmo": kill_dmo, "workers": kill_workers}[what](kills, dice, where, plugin(where))
    sys.exit(1 if lost else 0)
