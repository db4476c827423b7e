#!/usr/bin/env python3
"""Studies over MPI ranks on this machine, beside the same studies without MPI.

usage: Tests/MPI/mpi.py            needs Open MPI and `make mpi`; skipped by name without
       Tests/MPI/mpi.py --scaling  how busy 1 to 15 ranks are, from studies; docs/hpc.md has the figures
"""
import collections
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Reliability"))
import common  # noqa: E402
from common import DMO, dmo, folder, plugin  # noqa: E402
from soak import ALLOWED, MASK, expected  # noqa: E402

BIN = pathlib.Path(DMO).resolve().parent
ENVIRONMENT = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               # As many ranks as asked for, however few processors there are.
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}
TIMES = {"wall", "worker", "printed", "cost"}


def skip(reason):
    print(f"skipped: Tests/MPI/mpi.py: {reason}")
    sys.exit(0)


def start(ranks, *arguments):
    return subprocess.Popen(["mpirun", "-n", str(ranks), DMO, *arguments, "--executor", "mpi", "--style", "none"],
                            env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def mpirun(ranks, *arguments, expect=0, timeout=300):
    job = start(ranks, *arguments)
    out, err = job.communicate(timeout=timeout)
    if job.returncode != expect:
        sys.exit(f"mpirun -n {ranks} dmo {' '.join(arguments)}: exit status {job.returncode}, not {expect}\n{out}{err}")
    return out, err


def rows(study):
    header, *lines = dmo("export", study, "--format", "csv").splitlines()
    import csv
    return [{k: v for k, v in row.items() if k not in TIMES} for row in csv.DictReader([header, *lines])]


def check(condition, text):
    if not condition:
        sys.exit(f"FAILED: {text}")
    print(f"ok: {text}")


def complete(study, budget):
    answers = [r[0] for r in sqlite3.connect(study).execute("SELECT _answer FROM evaluations")]
    return sorted(a for a in answers if a) == list(range(1, budget + 1)) and len(answers) == budget


def one_rank(where):
    """One evaluating rank: the study of one local worker, to the bit."""
    for library, problem, more in [("opamp", "opamp-spec", ["--search", "gradient", "--trainer", "gradpie", "--budget", "45"]),
                                   ("hh", "hh-network", ["--search", "joint", "--budget", "45"]),
                                   ("testproblems", "tnk", ["--search", "joint", "--budget", "60"]),
                                   ("testproblems", "zdt1", ["--search", "nsga2", "--budget", "150"])]:
        arguments = ["run", "--plugin", f"{BIN}/lib{library}.so", "--problem", problem, *more, "--study"]
        mpirun(2, *arguments, f"{where}/mpi-{problem}.dmo")
        dmo(*arguments, f"{where}/local-{problem}.dmo", "--style", "none")
        there, here = rows(f"{where}/mpi-{problem}.dmo"), rows(f"{where}/local-{problem}.dmo")
        check(len(here) >= 45 and there == here, f"{problem}: {len(here)} evaluations on one rank equal those of one worker")


def front(study, library, problem):
    """The numbers of the feasible designs that no other one dominates, from the table of all evaluations alone."""
    shown = json.loads(dmo("plugin", "show", library, "--problem", problem, "--json"))
    outputs = next(p for p in shown["problems"] if p["id"] == problem)["outputs"]
    good = []
    for row in rows(study):
        if row["status"] != "ok":
            continue
        y = {o["id"]: float(row[o["id"]]) for o in outputs if row.get(o["id"])}
        limits = [(y[o["id"]] - o["bound"]) * (1 if o["role"][0] == "≤" else -1) for o in outputs if o["role"][0] in "≤≥"]
        if all(c <= 0 for c in limits):
            good.append((int(row["evaluation"]), [y[o["id"]] * (1 if o["role"] == "minimise" else -1)
                                                 for o in outputs if o["role"] in ("minimise", "maximise")]))
    check(good and len(good[0][1]) > 0, f"{problem}: {len(good)} feasible designs, {len(good[0][1])} objectives")

    def covers(a, b):
        return all(p <= q for p, q in zip(a, b))
    # Of equal designs the first counts.
    return {i for i, f in good if not any(covers(g, f) and (g != f or j < i) for j, g in good if j != i)}


def fronts(where):
    """Four ranks: the front shown is that of all evaluations; feasible designs, none of which another dominates."""
    for library, problem, budget in [("opamp", "opamp-spec", 120), ("hh", "hh-network", 100)]:
        study, path = f"{where}/front-{problem}.dmo", f"{BIN}/lib{library}.so"
        mpirun(4, "run", "--plugin", path, "--problem", problem, "--budget", str(budget), "--study", study)
        workers = {r[0] for r in sqlite3.connect(study).execute("SELECT _worker FROM evaluations")}
        shown = json.loads(dmo("show", study, "--json").splitlines()[-1])
        told = {e["id"] for e in shown.get("front") or [shown["best"]]}
        true = front(study, path, problem)
        check(complete(study, budget) and workers == {0, 1, 2} and told == true,
              f"{problem}: {budget} evaluations on 3 ranks, a front of {len(told)}")


def groups(where):
    """Ranks that share an evaluation of hh-network answer as one process does."""
    arguments = ["run", "--plugin", f"{BIN}/libhh.so", "--problem", "hh-network", "--search", "random", "--budget", "12",
                 "--study"]
    dmo(*arguments, f"{where}/whole.dmo", "--style", "none")
    whole = rows(f"{where}/whole.dmo")
    for size in [2, 3]:
        mpirun(size + 1, *arguments, f"{where}/group-{size}.dmo", "--ranks-per-evaluation", str(size))
        check(len(whole) == 12 and rows(f"{where}/group-{size}.dmo") == whole,
              f"hh-network: a group of {size} ranks answers as one process, to the bit")
    job = start(3, *arguments[:2], f"{BIN}/libopamp.so", "--budget", "4", "--study", f"{where}/no.dmo",
                "--ranks-per-evaluation", "2")
    err = job.communicate(timeout=60)[1]
    check(job.returncode == 3 and "does not offer dmo.mpi/1" in err, "a problem without dmo.mpi/1 is not shared")


def misdeeds(where, library):
    """Ranks whose simulator crashes, quits, hangs, leaks, lies: as without MPI, each ends as its seed says."""
    study, budget, kinds = f"{where}/soak.dmo", 600, "cqlzwnfi" * 3 + "cqh"
    mpirun(4, "run", "--plugin", library, "--search", "random", "--budget", str(budget), "--study", study, "--eval-timeout",
           "2s", "--worker-memory", "256M", "--set", "faults=0.1", "--set", f"kinds={kinds}", timeout=500)
    found, strange, after = collections.Counter(), [], 0
    for number, seed, status in sqlite3.connect(study).execute("SELECT _id, _seed, _status FROM evaluations"):
        what = expected(seed & MASK, 0.1, kinds)
        found[what] += 1
        if status in ALLOWED[what]:
            continue
        # A lie may be noticed only while the evaluation after it runs.
        if status == "crashed":
            after += 1
        else:
            strange.append((number, what, status))
    check(complete(study, budget) and not strange and after <= found["z"],
          f"{budget} evaluations on 3 ranks end as their seeds say; {after} beside a lie of the same rank")
    named = {"c": "crash", "q": "quit", "h": "hang", "l": "leak", "z": "lie", "w": "write behind the output"}
    check(all(found[kind] for kind in named), "among them " + ", ".join(f"{named[k]}: {found[k]}" for k in named))


def deaths(where, library):
    """A rank that dies ends the job, as MPI has it; nothing answered is lost, and fewer ranks go on."""
    study, budget = f"{where}/death.dmo", 300
    job = start(4, "run", "--plugin", library, "--search", "nsga2", "--budget", str(budget), "--study", study, "--set",
                "seconds=0.02")
    while (answered(study) or 0) < 60 and job.poll() is None:
        time.sleep(0.02)
    ranks = subprocess.run(["pgrep", "-P", str(job.pid)], capture_output=True, text=True).stdout.split()
    os.kill(int(ranks[-1]), signal.SIGKILL)
    job.communicate(timeout=60)
    before = dict(sqlite3.connect(study).execute("SELECT _id, _answer FROM evaluations WHERE _answer IS NOT NULL"))
    check(job.returncode != 0 and 60 <= len(before) < budget, f"a rank was killed: the job ended with {len(before)} answers")
    mpirun(3, "resume", study)
    after = dict(sqlite3.connect(study).execute("SELECT _id, _answer FROM evaluations"))
    check(complete(study, budget) and all(after[k] == v for k, v in before.items()),
          f"resumed on 2 ranks to {budget}: 0 lost, 0 doubled")


def batch(where, library):
    """What batch systems do: a signal before the time is over, or --time; both end with 75, and resume goes on."""
    study, budget = f"{where}/batch.dmo", 200
    job = start(3, "run", "--plugin", library, "--search", "nsga2", "--budget", str(budget), "--study", study, "--set",
                "seconds=0.02")
    while (answered(study) or 0) < 30 and job.poll() is None:
        time.sleep(0.02)
    job.send_signal(signal.SIGUSR1)
    job.communicate(timeout=60)
    done = answered(study)
    open_rows = sqlite3.connect(study).execute("SELECT count(*) FROM evaluations WHERE _answer IS NULL").fetchone()[0]
    check(job.returncode == 75 and 30 <= done < budget and open_rows == 0,
          f"SIGUSR1 through mpirun: what ran was committed ({done} answers), exit status 75")
    mpirun(3, "resume", study, "--time", "1s", expect=75)
    check(done < answered(study) < budget, f"--time ended the next job at {answered(study)}, exit status 75")
    mpirun(3, "resume", study)
    check(complete(study, budget), f"the last one completed the study of {budget}")


def jobs(where, library):
    """The job scripts of docs/jobs, with a batch system that only notes what is handed to it."""
    for name, submit in [("dmo.slurm", "sbatch"), ("dmo.pbs", "qsub")]:
        place = pathlib.Path(where, name + ".d")
        place.mkdir()
        shutil.copy(library, place / "libmysim.so")
        script = (ROOT / "docs/jobs" / name).read_text()
        script = script.replace("--budget 20000", "--budget 200 --set seconds=0.02").replace("TIME=230m", "TIME=1s")
        (place / name).write_text(script)
        (place / submit).write_text(f'#!/bin/sh\necho "$@" >> {place}/submitted\n')
        (place / "mpirun").write_text(f'#!/bin/sh\nexec {shutil.which("mpirun")} -n 3 "$@"\n')
        for tool in [submit, "mpirun"]:
            (place / tool).chmod(0o755)
        (place / "dmo").symlink_to(DMO)
        environment = {**ENVIRONMENT, "PATH": f"{place}:{os.environ['PATH']}", "PBS_O_WORKDIR": str(place)}
        study, chain = f"{place}/study.dmo", 0
        while chain < 20:
            chain += 1
            job = subprocess.Popen(["bash", name], cwd=place, env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
            before = answered(study)
            while submit == "sbatch" and job.poll() is None and answered(study) < min(before + 80, 200):
                time.sleep(0.02)
            if submit == "sbatch" and chain < 3 and job.poll() is None:
                job.send_signal(signal.SIGUSR1)
            out = job.communicate(timeout=120)[0]
            asked = pathlib.Path(place, "submitted").read_text().split("\n")[:-1] if (place / "submitted").exists() else []
            if "the study is done" in out:
                break
            if job.returncode != 0 or len(asked) != chain or not asked[-1].endswith(name):
                sys.exit(f"FAILED: {name}: exit status {job.returncode}, submitted {asked}\n{out}")
        check(1 < chain < 20 and complete(study, 200),
              f"{name}: {chain} jobs, each of which but the last handed itself in again, completed a study of 200")


def scaling(where, library):
    """Ranks whose simulator waits 1 s and takes no processor, so that as many as wanted fit on one machine."""
    print("| ranks | evaluating | evaluations | seconds | utilisation |\n|---|---|---|---|---|")
    for ranks in [2, 4, 8, 16]:
        workers, study = ranks - 1, f"{where}/busy-{ranks}.dmo"
        budget = 40 + 20 * workers
        mpirun(ranks, "run", "--plugin", library, "--search", "joint", "--budget", str(budget), "--study", study, "--set",
               "seconds=1", timeout=500)
        times = sqlite3.connect(study).execute("SELECT _asked_at, _answered_at, _wall FROM evaluations").fetchall()
        # While every rank can have a point: from the first answer to the last question.
        begin, end = min(t[1] for t in times), max(t[0] for t in times)
        busy = sum(max(0, min(answer, end) - max(answer - wall, begin)) for _, answer, wall in times)
        utilisation = busy / (workers * (end - begin))
        print(f"| {ranks} | {workers} | {budget} | {end - begin:.1f} | {100 * utilisation:.1f} % |", flush=True)
        if not 0.8 <= utilisation <= 1.02 or not complete(study, budget):
            sys.exit(f"FAILED: {ranks} ranks are busy {utilisation:.3f} of the time")


def answered(study):
    try:
        rows = sqlite3.connect(f"file:{study}?mode=ro", uri=True)
        value = rows.execute("SELECT max(_answer) FROM evaluations").fetchone()[0]
        rows.close()
        return value or 0
    except sqlite3.Error:
        return 0


def template(where):
    """A plugin from the template, made with nothing but the installed SDK: three ranks answer as one process."""
    prefix, made = f"{where}/sdk", f"{where}/lens"
    run(["make", "-s", "-C", str(ROOT), "install-sdk", f"PREFIX={prefix}"], where)
    environment = {**ENVIRONMENT, "DMO_TEMPLATES": f"{prefix}/share/dmo/templates", "DMO": DMO,
                   "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig"}
    run([DMO, "plugin", "new", "--lang", "mpi", "lens"], where, environment)
    flags = "CFLAGS=-O2 -Wall -Wextra -Werror"
    golden = run(["make", flags, "test"], made, environment)
    check("7 golden points agree" in golden and str(ROOT) not in golden, "the template's plugin builds from the installed SDK")
    verdict = run([DMO, "plugin", "validate", "./liblens.so", "--include", "mpi.*"], made, environment)
    check("mpi.one-rank" in verdict, "a group of one answers as no group: mpi.one-rank passed")
    together = run(["make", "ranks"], made, environment)
    check("three ranks answer as one" in together, "the template's plugin on three ranks: to the bit what one answers")


def run(command, where, environment=None):
    done = subprocess.run(command, cwd=where, env=environment or ENVIRONMENT, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def refusals(where):
    alone = subprocess.run([DMO, "run", "--plugin", f"{BIN}/libopamp.so", "--executor", "mpi"], capture_output=True, text=True,
                           env=ENVIRONMENT, cwd=where)
    check(alone.returncode == 3 and "mpirun -n" in alone.stderr, "one rank alone is told how to start")
    missing = subprocess.run([DMO, "run", "--plugin", f"{BIN}/libopamp.so", "--executor", "mpi"], capture_output=True,
                             text=True, env={**ENVIRONMENT, "DMO_MPI_LIBRARY": "/nowhere.so"}, cwd=where)
    check(missing.returncode == 3 and "make mpi" in missing.stderr, "without the library dmo says how to get it")


def main():
    for tool in ["mpirun", "cc"]:
        if not shutil.which(tool):
            skip(f"{tool} is not installed (make mpi)")
    if not (BIN / "libdmo-mpi.so").exists():
        skip("libdmo-mpi.so is not built (make mpi)")
    with folder() as where:
        library = plugin(where)
        if sys.argv[1:] == ["--scaling"]:
            return scaling(where, library)
        refusals(where)
        one_rank(where)
        fronts(where)
        groups(where)
        template(where)
        misdeeds(where, library)
        deaths(where, library)
        batch(where, library)
        jobs(where, library)


main()
