#!/usr/bin/env python3
"""What a terminal sees: the live line and its sparkline, NO_COLOR, JSON lines of every command, manual pages, completions.

usage: terminal.py [DMO]     default: .build/release/dmo
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

ROOT = pathlib.Path(__file__).resolve().parents[2]
DMO = os.path.realpath(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".build/release/dmo")
PROBLEMS = os.path.dirname(DMO) + "/libtestproblems.so"


def on_terminal(arguments, columns, folder, **more):
    """Standard error of a run whose standard error is a terminal of so many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "LC_ALL", "LC_CTYPE")}
    environment.update({"TERM": "xterm", "LANG": "C.UTF-8"}, **more)
    child = subprocess.Popen([DMO] + arguments, cwd=folder, env=environment, stderr=follower, stdout=subprocess.DEVNULL)
    os.close(follower)
    seen = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        seen += part
    assert child.wait() in (0, 2), child.returncode
    os.close(leader)
    return seen.decode()


def check_live(folder):
    slow = ["--plugin", PROBLEMS, "--set", "work_ms=15", "--seed", "2"]
    one = ["run", "--problem", "branin", "--search", "cmaes", "--budget", "60", *slow]
    seen = on_terminal(one + ["--study", "a.dmo"], 150, folder)
    lines = [line for line in seen.split("\r") if "/60" in line]
    assert len(lines) > 3 and any(re.search("[▁▂▃▄▅▆▇█]{20}", line) for line in lines), lines[-3:]
    for line in lines:
        assert len(re.sub("\x1b\\[K.*", "", line, flags=re.S)) < 150, line
    narrow = on_terminal(one + ["--study", "b.dmo"], 80, folder)
    assert "/60" in narrow and not re.search("[▁▂▃▄▅▆▇█]", narrow)
    ascii_only = on_terminal(one + ["--study", "c.dmo"], 150, folder, LANG="C")
    assert "/60" in ascii_only and not re.search("[▁▂▃▄▅▆▇█]", ascii_only)
    two = ["run", "--problem", "zdt1", "--search", "nsga2", "--budget", "120", *slow, "--study", "d.dmo"]
    assert re.search("[\u2801-\u28ff]", on_terminal(two, 150, folder)), "no front is drawn"
    plain = on_terminal(one + ["--study", "e.dmo", "--style", "plain"], 150, folder)
    assert "\x1b" not in plain
    # Colours are for words such as "error:", and NO_COLOR takes them away.
    wrong = ["run", "--plugin", PROBLEMS, "--problem", "nowhere"]
    assert "\x1b[31merror:" in on_terminal(wrong, 100, folder)
    assert "\x1b[3" not in on_terminal(wrong, 100, folder, NO_COLOR="1")
    return len(lines)


def commands():
    """Every visible command as a list of words."""
    tree = json.loads(subprocess.run([DMO, "--experimental-dump-help"], stdout=subprocess.PIPE, text=True, check=True).stdout)

    def walk(command, path):
        children = [c for c in command.get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]
        if not children:
            yield path, command
        for child in children:
            yield from walk(child, path + [child["commandName"]])
    return list(walk(tree["command"], []))


def check_json(folder):
    """Each command has --json; a mistake on any of them is one JSON line with its exit status."""
    count = 0
    for path, command in commands():
        names = [n["name"] for a in command["arguments"] for n in a.get("names", [])]
        assert "json" in names, f"dmo {' '.join(path)} has no --json"
        assert f"dmo {' '.join(path)}" in (command.get("discussion") or ""), f"dmo {' '.join(path)} --help has no example"
        ran = subprocess.run([DMO, *path, "--json", "--no-such-flag"], cwd=folder, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        (line,) = ran.stdout.splitlines()
        error = json.loads(line)
        assert error["type"] == "error" and error["message"] and error["exit"] == ran.returncode == 2, (path, line)
        count += 1
    good = [["show", "a.dmo"], ["list"], ["check", "a.dmo"], ["trainers"], ["plugin", "list"], ["plugin", "show", PROBLEMS],
            ["run", "--plugin", PROBLEMS, "--budget", "5", "--search", "lhs", "--study", "j.dmo"],
            ["resume", "j.dmo", "--budget", "+2"], ["ask", "j.dmo"],
            ["eval", "--plugin", PROBLEMS, "--problem", "branin", "--at", "x1=1", "--at", "x2=2"]]
    for arguments in good:
        ran = subprocess.run([DMO, *arguments, "--json"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert ran.returncode == 0, (arguments, ran.stderr)
        objects = [json.loads(line) for line in ran.stdout.splitlines()]
        assert objects and all("type" in o for o in objects), (arguments, ran.stdout[:300])
    return count


def check_manual(folder):
    """A page for every command, which groff sets without a complaint; completions that their shells can read."""
    pages = folder / "man"
    pages.mkdir()
    subprocess.run([DMO, "manual", pages], check=True)
    wanted = {"dmo.1"} | {"dmo-" + "-".join(path) + ".1" for path, _ in commands()}
    made = {p.name for p in pages.iterdir()}
    assert wanted <= made, wanted - made
    if subprocess.run(["which", "groff"], stdout=subprocess.DEVNULL).returncode == 0:
        for page in sorted(pages.iterdir()):
            ran = subprocess.run(["groff", "-mandoc", "-ww", "-Tutf8", page], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            text = re.sub(rb".\x08|\x1b\[[0-9;]*m", b"", ran.stdout).decode()
            # A list of names without spaces may be longer than a line.
            trouble = [line for line in ran.stderr.splitlines() if b"can't break line" not in line]
            assert not trouble, (page.name, trouble[:4])
            assert "NAME" in text and "EXIT STATUS" in text
            if page.name == "dmo-run.1":
                assert re.search("--?.eval.timeout time", text.replace("\u2212", "-").replace("\u2010", "-")), text[:3000]
    for shell, reader in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])):
        script = folder / f"dmo.{shell}"
        with open(script, "w") as out:
            subprocess.run([DMO, "--generate-completion-script", shell], stdout=out, check=True)
        assert "sensitivity" in script.read_text()
        if subprocess.run(["which", reader[0]], stdout=subprocess.DEVNULL).returncode == 0:
            subprocess.run(reader + [script], check=True)
    return len(made)


with tempfile.TemporaryDirectory(prefix="dmo-terminal-") as name:
    folder = pathlib.Path(name)
    live = check_live(folder)
    count = check_json(folder)
    pages = check_manual(folder)
    print(f"terminal: a live line drawn {live} times with its sparkline; {count} commands with --json and an example;"
          f" {pages} manual pages; completions for three shells")
