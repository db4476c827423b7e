#!/usr/bin/env python3
"""Runs the commands that docs/quick-start.md prints, one after the other in one shell, as a newcomer would type them.

usage: quick_start.py [--full]

The page may print at most ten. The clone is made of this repository. Without --full the folder of the clone is then replaced
by the repository itself, so that what is built already need not be built again; with it, everything is built in the clone.
Tests/Scripts/debootstrap.sh runs it on a fresh Debian.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
IS_FULL = "--full" in sys.argv[1:]


def commands():
    page = (ROOT / "docs/quick-start.md").read_text()
    section = page.split("## Ten commands", 1)[1].split("\n## ", 1)[0]
    lines = re.findall(r"^    (\S.*)$", section, re.M)
    assert 0 < len(lines) <= 10, f"the quick start prints {len(lines)} commands"
    assert not any("&&" in line or ";" in line for line in lines), "a line of the quick start is more than one command"
    return lines


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="dmo-quick-start-"))
    home = work / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DMO_", "XDG_", "PKG_CONFIG"))}
    # SwiftPM looks for its caches and git for its settings below the home of whoever runs this. The compiler's module cache
    # stays out: modules know where they lie, and refuse to be found under a second path.
    for name in (".gitconfig", ".cache/org.swift.swiftpm", ".swiftpm", ".config"):
        source = pathlib.Path(environment.get("HOME", "/root")) / name
        if source.exists():
            (home / name).parent.mkdir(exist_ok=True)
            (home / name).symlink_to(source)
    environment["HOME"] = str(home)
    steps = []
    for command in commands():
        if command.startswith("git clone "):
            target = command.split()[-1]
            command = f"git clone -q {ROOT} {target}"
            if not IS_FULL:
                command += f" && rm -rf {target} && ln -s {ROOT} {target}"
        if command.startswith("dmo plugin new"):
            # Not into the repository, which the clone's folder is here.
            command = f"cd {work} && {command}"
        steps.append(f"echo '$ {command.split(' && ')[-1][:90]}' && {command}")
    script = "set -e\n" + "\n".join(steps) + "\n"
    try:
        ran = subprocess.run(["bash", "-c", script], cwd=work, env=environment, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        print(ran.stdout[-6000:])
        assert ran.returncode == 0, f"a command of the quick start failed with {ran.returncode}"
        dmo = home / ".local/bin/dmo"
        lens = work / "lens"
        checked = subprocess.run([dmo, "show", lens / "lens.dmo"], env=environment, text=True, stdout=subprocess.PIPE, check=True)
        assert "100 of 100 evaluations" in checked.stdout, checked.stdout
        assert re.search(r"feasible +[1-9]", checked.stdout), checked.stdout
        for installed in ("share/man/man1/dmo-run.1", "share/bash-completion/completions/dmo", "lib/dmo/plugins/libpython.so"):
            assert (home / ".local" / installed).stat().st_size > 0, installed
        page = (lens / "lens.html").read_text()
        assert '"total":100' in page, "the report does not hold the study"
        assert "* plotly.js v" in page, "the report has no plots"
        print(f"quick_start: {len(commands())} commands, from the clone to a report")
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
