#!/usr/bin/env python3
"""Promises of docs/reliability.md that need a whole dmo, some of them root: each is a function named by what holds.

usage: Tests/Reliability/promises.py [NAME …]      default: all; one that this machine cannot show is skipped by name
"""
import contextlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

from common import DMO, dmo, folder, plugin, table


class Skipped(Exception):
    """What this machine lacks."""


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def ran(*arguments, **more):
    return subprocess.run([DMO, *arguments], capture_output=True, text=True, timeout=300, **more)


@contextlib.contextmanager
def mounted(where, options):
    """A small file system of its own."""
    where = pathlib.Path(where)
    where.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", where]).returncode != 0:
        raise Skipped("only root mounts file systems")
    try:
        yield where
    finally:
        subprocess.run(["umount", where], check=True)


def another_spec_stops_resume_with_the_difference(where):
    library, study = plugin(where), f"{where}/s.dmo"
    dmo("run", "--plugin", library, "--search", "nsga2", "--budget", "6", "--study", study)
    before = table(study)
    plugin(where, "-DLARGEST=6")
    refused = ran("resume", study, "--budget", "+2")
    expect(refused.returncode == 3 and "the range or kind of p0, p1, p2, p3, p4 and 5 more changed" in refused.stderr, refused.stderr)
    expect(table(study) == before, "a refusal changed the study")
    dmo("resume", study, "--budget", "+30", "--accept-changed-plugin")
    after = table(study)
    expect(after[:len(before)] == before and len(after) == 37, "what was evaluated stands, and more came")
    columns = ",".join(f"p{k}" for k in range(10))
    largest = max(float(value) for row in dmo("export", study, "--columns", columns).split()[1:] for value in row.split(","))
    expect(5 < largest <= 6, f"the new range is searched: {largest}")
    dmo("resume", study, "--budget", "+1")
    plugin(where, "-DLARGEST=1")
    refused = ran("resume", study, "--budget", "+2", "--accept-changed-plugin")
    expect(refused.returncode == 3 and "of its points could not be asked for now" in refused.stderr, refused.stderr)


def another_build_stops_resume_until_it_is_accepted(where):
    library, study = plugin(where), f"{where}/s.dmo"
    dmo("run", "--plugin", library, "--search", "nsga2", "--budget", "6", "--study", study)
    plugin(where, "-O0")
    refused = ran("resume", study, "--budget", "+2")
    expect(refused.returncode == 3 and "rebuilt" in refused.stderr, refused.stderr)
    dmo("resume", study, "--budget", "+2", "--accept-changed-plugin")
    expect(len(table(study)) == 9, "two more were accepted")


def the_first_sigterm_commits_what_runs(where):
    library, study = plugin(where), f"{where}/s.dmo"
    process = subprocess.Popen([DMO, "run", "--plugin", library, "--search", "random", "--budget", "100", "--study",
                                study, "--set", "seconds=1", "-q"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if os.path.exists(study) and len(table(study)) > 1:
            break
    running = len(table(study)) - 1
    process.send_signal(signal.SIGTERM)
    expect(process.wait(60) == 75, f"exit status {process.returncode}")
    statuses = dmo("export", study, "--columns", "status").split()[1:]
    expect(len(statuses) in (running, running + 1) and set(statuses) == {"ok"}, f"{running} {statuses}")


def a_run_ends_normally_while_its_search_looks_ahead(where):
    statuses = [
        ran("run", "--plugin", "testproblems", "--problem", "tnk", "--budget", "30", "--jobs", "2", "--search", "joint",
            "--search-set", "initial=10", "--search-set", "ahead=10", "--seed", str(seed), "--study",
            f"{where}/{seed}.dmo", "-q").returncode
        for seed in range(12)]
    expect(statuses == [0] * 12, f"{statuses}")


def a_worker_killed_for_memory_is_said_to_be(where):
    group = pathlib.Path(f"/sys/fs/cgroup/memory/dmo-{os.getpid()}")
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(160 << 20))
    except OSError as error:
        raise Skipped(f"no memory control group can be made: {error}") from None
    try:
        library, study = plugin(where), f"{where}/s.dmo"
        dmo("run", "--plugin", library, "--search", "random", "--budget", "150", "--study", study, "--set", "faults=1",
            "--set", "kinds=l", env=None, inside=group / "cgroup.procs")
        rows = sqlite3.connect(study).execute("SELECT _status, _message FROM evaluations").fetchall()
        killed = [message for status, message in rows if status == "crashed"]
        expect(killed and all("memory ran out" in message for message in killed), f"{killed}")
        expect(len(rows) == 150 and len(killed) < 20, f"{len(rows)} {len(killed)}")
    finally:
        group.rmdir()


def deaths_of_a_worker_back_off(where):
    library = plugin(where)

    def seconds(kind):
        start = time.monotonic()
        dmo("run", "--plugin", library, "--search", "random", "--budget", "10", "--study", f"{where}/{kind}.dmo",
            "--set", "faults=1", "--set", f"kinds={kind}", "--max-failures", "100", "-q")
        return time.monotonic() - start

    # After the second death 20 ms, doubled each time: 20 + 40 + … + 640 + 1000 ms before the tenth evaluation.
    expect(seconds("c") > 2.2, "the workers were started again without a pause")
    statuses = dmo("export", f"{where}/c.dmo", "--columns", "status").split()[1:]
    expect(statuses == ["crashed"] * 10, f"{statuses}")


def a_full_disk_stops_with_the_cause_and_loses_nothing(where):
    library = plugin(where)
    with mounted(f"{where}/small", "size=2m") as small:
        study, whole = f"{small}/s.dmo", f"{small}/whole.dmo"
        words = ["run", "--plugin", library, "--search", "nsga2", "--budget", "3000", "--study"]
        run = ran(*words, study, "--json")
        expect(run.returncode == 5 and "the disk is full" in run.stdout, run.stdout[-500:])
        told = run.stdout.count('{"type":"evaluation"')
        expect(told > 20, f"{told} evaluations")
        subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
        dmo("check", study)
        answers = dmo("export", study, "--columns", "answer").split("\n")[1:]
        expect(sum(cell != "" for cell in answers) >= told, f"{told} were told, {answers} are there")
        dmo("resume", study)
        dmo(*words, whole)
        expect(len(table(study)) == 3001 and table(study) == table(whole), "another study than the undisturbed one")


def a_read_only_folder_is_said_and_its_studies_are_shown(where):
    library = plugin(where)
    with mounted(f"{where}/fixed", "size=8m") as fixed:
        study = f"{fixed}/s.dmo"
        dmo("run", "--plugin", library, "--search", "sobol", "--budget", "20", "--study", study)
        before = table(study)
        subprocess.run(["mount", "-o", "remount,ro", fixed], check=True)
        for words in [["resume", study, "--budget", "+1"],
                      ["run", "--plugin", library, "--budget", "3", "--study", f"{fixed}/new.dmo"]]:
            refused = ran(*words)
            expect(refused.returncode == 5 and "ead-only" in refused.stderr, f"{words[0]}: {refused.stderr}")
        expect("20 of 20" in dmo("show", study) and table(study) == before, "it reads as before")
        expect(sorted(os.listdir(fixed)) == ["s.dmo"], f"{os.listdir(fixed)}")


def no_shell_and_no_other_program_is_ever_started(where):
    odd = pathlib.Path(where) / "$(touch pwned);`touch pwned` &.d"
    odd.mkdir()
    library, study = plugin(odd, name="lib$(touch pwned).so"), str(odd / "s;touch pwned.dmo")
    traced = shutil.which("strace")
    trace = ["strace", "-f", "-qq", "-e", "trace=execve,execveat", "-o", f"{where}/trace"] if traced else []
    words = [["run", "--plugin", library, "--search", "gradient", "--budget", "30", "--study", study, "--sandbox"],
             ["resume", study, "--budget", "+3"], ["show", study], ["list", str(odd)], ["check", study]]
    for line in words:
        done = subprocess.run([*trace, DMO, *line], capture_output=True, text=True, cwd=where, timeout=300)
        expect(done.returncode == 0, f"{line[0]}: {done.stderr}")
        if traced:
            started = {call.split('"')[1] for call in pathlib.Path(f"{where}/trace").read_text().splitlines()
                       if '"' in call and "= 0" in call}
            own = {DMO, os.path.realpath(DMO), "/proc/self/exe"}
            expect(started and started <= own, f"{line[0]} started {started - own}")
    expect(not list(pathlib.Path(where).rglob("pwned")), "a name was run as a command")


def temporary_files_are_private_and_go_away(where):
    library, base = plugin(where), pathlib.Path(where) / "tmp"
    base.mkdir()
    process = subprocess.Popen([DMO, "run", "--plugin", library, "--search", "random", "--budget", "2", "--study",
                                f"{where}/s.dmo", "--set", "seconds=1", "-q"], env=dict(os.environ, TMPDIR=str(base)),
                               stdout=subprocess.DEVNULL, umask=0)
    seen = {}
    while process.poll() is None:
        for path in base.iterdir():
            with contextlib.suppress(FileNotFoundError):
                seen[path.name] = path.stat().st_mode & 0o777
    expect(seen and set(seen.values()) == {0o700}, f"{seen}")
    expect(not list(base.iterdir()), "something is left")


def a_killed_sandboxed_run_leaves_nothing_that_the_next_does_not_sweep(where):
    library, base = plugin(where), pathlib.Path(where) / "tmp"
    base.mkdir()
    environment = dict(os.environ, TMPDIR=str(base))
    for seconds in ["60", "0"]:
        study = f"{where}/{seconds}.dmo"
        process = subprocess.Popen([DMO, "run", "--plugin", library, "--search", "random", "--budget", "2", "--study",
                                    study, "--set", f"seconds={seconds}", "--sandbox", "-q"], env=environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if seconds == "60":
            while not os.path.exists(study):
                expect(process.poll() is None, "the run ended")
            process.kill()
        process.wait(60)
        # The worker notices within moments that its dmo is gone.
        end = time.monotonic() + 20
        while time.monotonic() < end and any(any(path.iterdir()) for path in base.iterdir()):
            pass
        left = [path.name for path in base.iterdir()]
        expect(len(left) <= 1 if seconds == "60" else not left, f"{left}")


def exit_statuses_are_the_documented_ones(where):
    library, study = plugin(where), f"{where}/s.dmo"
    run = ["run", "--plugin", library, "--search", "random", "--study", study]
    for status, words in [
        (2, [*run, "--budget", "none"]), (3, ["run", "--plugin", f"{where}/none.so", "--budget", "3", "--study", study]),
        (4, [*run, "--budget", "9", "--set", "faults=1", "--set", "kinds=f", "--max-failures", "3"]),
        (5, [*run, "--budget", "9"]), (5, ["show", f"{where}/none.dmo"]), (0, ["show", study]),
        (1, ["run", "--plugin", library, "--search", "random", "--budget", "1", "--study", f"{where}/t.dmo", "--require",
             "f7<=-5", "--require-feasible"]),
    ]:
        done = ran(*words)
        expect(done.returncode == status, f"{words}: {done.returncode} instead of {status}\n{done.stderr}")


def main():
    promises = {name: value for name, value in globals().items()
                if getattr(value, "__code__", None) and value.__code__.co_varnames[:1] == ("where",)}
    unknown = [name for name in sys.argv[1:] if name not in promises]
    if unknown:
        sys.exit(f"no promise of that name: {', '.join(unknown)}; there are {', '.join(promises)}")
    broken = 0
    for name, promise in promises.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        words = name.replace("_", " ")
        with folder() as where:
            try:
                promise(where)
                print(f"holds    {words}", flush=True)
            except Skipped as why:
                print(f"skipped  {words}: {why}", flush=True)
            except AssertionError as why:
                broken += 1
                print(f"BROKEN   {words}: {why}", flush=True)
    sys.exit(1 if broken else 0)


main()
