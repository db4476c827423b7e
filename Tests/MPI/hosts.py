#!/usr/bin/env python3
"""Several hosts on one machine: network namespaces with an address and a host name each, and mpirun across them.

usage: Tests/MPI/hosts.py        needs root, Linux namespaces, `make mpi`, iproute2
1. A study over two evaluating hosts ends with all evaluations.
2. One host is cut off from the network in mid-run. The job ends (or is ended), and `dmo resume` with the host that is left
   completes the study: every evaluation is answered once, and none that was told of is lost.
"""
import collections
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("DMO", ROOT / ".build/release/dmo")).resolve()
# A prefix of its own, so that what is removed at the end is this script's alone.
NAMES = [f"dmo{os.getpid() % 10000}h{k}" for k in range(3)]
SUBNET = "10.213.77"


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def skip(reason):
    print(f"skipped: Tests/MPI/hosts.py: {reason}")
    sys.exit(0)


class Hosts:
    """A bridge in a namespace of its own, and three hosts on it: the first for mpirun and rank 0."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.switch = NAMES[0] + "s"

    def __enter__(self):
        run("ip", "netns", "add", self.switch)
        run("ip", "-n", self.switch, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", self.switch, "link", "set", "br0", "up")
        lines = ["127.0.0.1 localhost"]
        for k, name in enumerate(NAMES):
            run("ip", "netns", "add", name)
            run("ip", "-n", self.switch, "link", "add", f"p{k}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "-n", self.switch, "link", "set", f"p{k}", "master", "br0", "up")
            run("ip", "-n", name, "address", "add", f"{SUBNET}.{k + 1}/24", "dev", "eth0")
            for device in ["lo", "eth0"]:
                run("ip", "-n", name, "link", "set", device, "up")
            lines.append(f"{SUBNET}.{k + 1} {name}")
        (self.folder / "hosts").write_text("\n".join(lines) + "\n")
        # mpirun's remote agent: HOST COMMAND…, as ssh takes them, but into the namespace.
        agent = self.folder / "agent"
        agent.write_text(f"""#!/bin/sh
name=$1; shift
exec ip netns exec "$name" unshare --mount --uts sh -c '
  hostname "$0"; mount --bind {self.folder}/hosts /etc/hosts; exec sh -c "$*"' "$name" "$@"
""")
        agent.chmod(0o755)
        return self

    def __exit__(self, *_):
        for name in NAMES + [self.switch]:
            found = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()
            for pid in found:
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            subprocess.run(["ip", "netns", "delete", name], check=False)

    def mpirun(self, hosts, *command):
        """mpirun on the first host, rank 0 there, one rank on each of `hosts`."""
        return [
            str(self.folder / "agent"), NAMES[0],
            "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 exec mpirun -n " + str(1 + len(hosts))
            + " --host " + ",".join(f"{h}:1" for h in [NAMES[0], *hosts])
            + f" --mca plm_rsh_agent {self.folder}/agent --mca btl tcp,self --mca oob_tcp_keepalive_time 3"
            + " --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 "
            + " ".join(command)]

    def cut(self, k):
        run("ip", "-n", self.switch, "link", "set", f"p{k}", "down")

    def mend(self, k):
        run("ip", "-n", self.switch, "link", "set", f"p{k}", "up")


def answers(study):
    rows = sqlite3.connect(f"file:{study}?mode=ro", uri=True)
    try:
        return rows.execute("SELECT _id, _answer, _worker FROM evaluations ORDER BY _id").fetchall()
    finally:
        rows.close()


def plugin(folder):
    library = f"{folder}/libsteady.so"
    run("cc", "-std=gnu11", "-O2", "-fPIC", "-shared", f"-I{ROOT}/SDK/include", ROOT / "Tests/Reliability/steady.c", "-o",
        library, "-lm")
    return library


def whole(study, budget):
    rows = answers(study)
    assert [r[0] for r in rows] == list(range(1, budget + 1)), f"evaluations {len(rows)} of {budget}"
    order = sorted(r[1] for r in rows)
    assert order == list(range(1, budget + 1)), "an evaluation was lost or answered twice"
    return rows


def main():
    if os.geteuid() != 0:
        skip("needs root, for network namespaces")
    for tool in ["ip", "unshare", "mpirun", "cc"]:
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    if not (BIN.parent / "libdmo-mpi.so").exists():
        skip("libdmo-mpi.so is not built: `make mpi`")
    if subprocess.run(["unshare", "--net", "--uts", "--mount", "true"], capture_output=True).returncode != 0:
        skip("this kernel or container makes no namespaces")
    with tempfile.TemporaryDirectory(prefix="dmo-hosts-") as folder, Hosts(folder) as hosts:
        simulator = plugin(folder)
        common = ["--plugin", simulator, "--search", "nsga2", "--set", "seconds=0.02", "--executor", "mpi", "--style", "none"]
        study = f"{folder}/two.dmo"
        start = time.monotonic()
        run(*hosts.mpirun(NAMES[1:], str(BIN), "run", *common, "--budget", "100", "--study", study),
            stdout=subprocess.DEVNULL, timeout=300)
        share = collections.Counter(w for _, _, w in whole(study, 100))
        assert len(share) == 2 and min(share.values()) > 20, f"uneven: {share}"
        print(f"2 hosts: 100 evaluations in {time.monotonic() - start:.1f} s, {share[0]} and {share[1]}")

        study, budget = f"{folder}/cut.dmo", 400
        told = []
        job = subprocess.Popen(
            hosts.mpirun(NAMES[1:], str(BIN), "run", *common, "--budget", str(budget), "--study", study, "--json"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        cut_at = ended = None
        for line in job.stdout:
            # The last line may be cut off; what it began to tell was committed.
            if found := re.match(r'\{"type":"evaluation","id":(\d+)', line):
                told.append(int(found[1]))
            if cut_at is None and len(told) >= 100:
                hosts.cut(2)
                cut_at = time.monotonic()
                # Whoever has no patience with a half-dead job ends it; MPI itself may notice sooner.
                signal.signal(signal.SIGALRM, lambda *_: os.killpg(job.pid, signal.SIGKILL))
                signal.alarm(60)
        job.wait()
        signal.alarm(0)
        ended = time.monotonic() - cut_at
        by_itself = job.returncode != -signal.SIGKILL
        hosts.mend(2)
        before = answers(study)
        done = {r[0]: r[1] for r in before if r[1] is not None}
        lost = [k for k in told if k not in done]
        assert len(told) >= 100 and not lost, f"told of, and lost: {lost}"
        run(*hosts.mpirun(NAMES[1:2], str(BIN), "resume", study, "--executor", "mpi", "--style", "none"),
            stdout=subprocess.DEVNULL, timeout=300)
        after = {r[0]: r[1] for r in whole(study, budget)}
        assert all(after[k] == v for k, v in done.items()), "an answer changed its place"
        how = "ended by MPI" if by_itself else "ended by force"
        print(f"1 of 2 hosts cut off after {len(told)} answers: {how} after {ended:.0f} s with {len(done)} answered and {len(before) - len(done)} in "
              f"flight; resumed on 1 host to {budget}: lost 0, doubled 0")


main()
