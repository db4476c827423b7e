"""What the reliability scripts share: building the test simulator, running dmo, comparing studies."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
DMO = os.environ.get("DMO", str(ROOT / ".build/release/dmo"))
# What a resumed study shares with the uninterrupted one, to the bit; times and workers differ.
COLUMNS = "evaluation,answer,status,message,source,seed," + ",".join([f"p{i}" for i in range(10)] + [f"f{i}" for i in range(8)])


def plugin(folder, *flags, name="libsteady.so"):
    """Builds steady.c. Returns the library's path."""
    library = pathlib.Path(folder) / name
    source = ROOT / "Tests/Reliability/steady.c"
    subprocess.run(["cc", "-std=gnu11", "-O2", "-fPIC", "-shared", f"-I{ROOT}/SDK/include", *flags, source, "-o", library,
                    "-lm"],
                   check=True)
    return str(library)


def folder():
    return tempfile.TemporaryDirectory(prefix="dmo-reliability-")


def dmo(*arguments, expect=0, env=None, timeout=300, inside=None):
    """Runs dmo to its end, in a control group if its file is given, and returns its standard output."""
    join = (lambda: pathlib.Path(inside).write_text("0")) if inside else None
    ran = subprocess.run([DMO, *arguments], capture_output=True, text=True, env=env, timeout=timeout, preexec_fn=join)
    if expect is not None and ran.returncode != expect:
        sys.exit(f"dmo {' '.join(arguments)}: exit status {ran.returncode} instead of {expect}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def table(study):
    """The evaluations as text, in the order of their numbers."""
    return dmo("export", study, "--columns", COLUMNS).splitlines()
