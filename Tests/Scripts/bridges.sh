#!/bin/sh
# The bridge plugins: both pass `dmo plugin validate` around a good simulator, NumPy in a virtual environment works, and two
# ways to the same function give the same study.
#
# usage: Tests/Scripts/bridges.sh [DMO [LEVEL]]     default: .build/release/dmo standard
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dmo=$(realpath "${1:-$root/.build/release/dmo}")
level=${2:-standard}
plugins=$(dirname "$dmo")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "bridges: $*" >&2; exit 1; }
cd "$work"

cat > lens.toml <<'TOML'
[[parameter]]
id = "x"
unit = "mm"
min = -3
max = 3
[[parameter]]
id = "y"
unit = "mm"
min = -3
max = 3
[[output]]
id = "f"
unit = "mm4"
role = "minimize"
[[output]]
id = "g"
unit = "mm"
role = "at-most"
bound = 2
TOML
# Himmelblau's function, by Python without anything, by NumPy, and by a program.
cat > bare.py <<'PY'
box = {"min": -3, "max": 3, "unit": "mm"}
parameters = {"x": box, "y": box}
outputs = {"f": {"role": "minimize", "unit": "mm4"}, "g": {"role": "at-most", "bound": 2, "unit": "mm"}}
def evaluate(p):
    x, y = p["x"], p["y"]
    return {"f": (x * x + y - 11) * (x * x + y - 11) + (x + y * y - 7) * (x + y * y - 7), "g": x + y}
PY
cat > array.py <<'PY'
import numpy as np
from bare import outputs
parameters = {"v": {"min": -3, "max": 3, "count": 2, "unit": "mm"}}
def evaluate(p):
    assert isinstance(p["v"], np.ndarray)
    x, y = p["v"]
    return np.array([(x * x + y - 11) * (x * x + y - 11) + (x + y * y - 7) * (x + y * y - 7), p["v"].sum()])
PY
cat > program.py <<'PY'
#!/usr/bin/env python3
import sys
from bare import evaluate
lines = [line.split() for line in open(sys.argv[1])]
count = int(lines[0][0])
answer = evaluate({name: float(value) for value, name in lines[1:count + 1]})
with open(sys.argv[2], "w") as out:
    for name, value in answer.items():
        print(repr(value), name, file=out)
PY
chmod +x program.py

"$dmo" plugin validate "$plugins/libpython.so" --level "$level" -q --set "module=$work/bare.py" || fail "libpython.so is broken"
"$dmo" plugin validate "$plugins/libcommand.so" --level "$level" -q --set "run=$work/program.py" \
  --set "problem=$work/lens.toml" || fail "libcommand.so is broken"

python3 -m venv venv && venv/bin/pip install -q numpy || fail "a virtual environment with NumPy cannot be made"
optimise() { # study, options
  study=$1
  shift
  "$dmo" run --search cmaes --budget 60 --seed 3 --study "$study.dmo" -q "$@" > /dev/null || fail "$study does not run"
  "$dmo" export "$study.dmo" > "$study.csv"
}
optimise bare --plugin "$plugins/libpython.so" --set module=bare
optimise program --plugin "$plugins/libcommand.so" --set run=./program.py --set problem=lens.toml
VIRTUAL_ENV="$work/venv" optimise array --plugin "$plugins/libpython.so" --set module=array
optimise named --plugin "$plugins/libpython.so" --set module=array --set python="$work/venv/bin/python"
for study in program array named; do
  cut -d, -f1-6 bare.csv | tail -n +2 > a.txt
  cut -d, -f1-6 $study.csv | tail -n +2 > b.txt
  cmp -s a.txt b.txt || fail "$study gives another study than bare"
done
[ "$(wc -l < a.txt)" = 60 ] && ! grep -v ',ok$' a.txt || fail "not every evaluation is ok"
# One program more a call; one line of JSON less: what a call costs.
"$dmo" export bare.dmo --columns wall | tail -n +2 | sort -g | awk '{ v[NR] = $1 } END { printf "%.3g\n", v[int(NR / 2)] * 1e3 }' > p.txt
"$dmo" export program.dmo --columns wall | tail -n +2 | sort -g | awk '{ v[NR] = $1 } END { printf "%.3g\n", v[int(NR / 2)] * 1e3 }' > c.txt
echo "bridges: both validate; Python, NumPy in a virtual environment and a program give one study;" \
  "a call takes $(cat p.txt) ms by Python, $(cat c.txt) ms by a program"
