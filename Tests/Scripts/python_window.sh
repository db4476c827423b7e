#!/bin/sh
# The Python window: `pip install ./SDK/python`, then every table of a study against what dmo exports, with pandas and
# without it.
#
# usage: Tests/Scripts/python_window.sh [DMO]     default: .build/release/dmo
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dmo=$(realpath "${1:-$root/.build/release/dmo}")
plugins=$(dirname "$dmo")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "python_window: $*" >&2; exit 1; }
cd "$work"
for name in bare framed; do
  python3 -m venv $name
  # Built from a copy: a build leaves folders beside its sources.
  cp -R "$root/SDK/python" copy-$name
  $name/bin/pip install -q ./copy-$name || fail "SDK/python is not installed"
done
framed/bin/pip install -q pandas

"$dmo" run --plugin "$plugins/libtestproblems.so" --problem tnk --search nsga2 --budget 120 --study a.dmo -q > /dev/null
"$dmo" run --plugin "$plugins/libhh.so" --problem hh-trace --search gradient --budget 20 --study b.dmo -q > /dev/null
for study in a b; do
  "$dmo" export $study.dmo -o $study.csv
  "$dmo" show $study.dmo --json > $study.json
done
cat > check.py <<'PY'
import csv, json, math, sys
import dmo
for name in ("a", "b"):
    study = dmo.read(name + ".dmo")
    rows = list(csv.DictReader(open(name + ".csv")))
    table = study.evaluations
    if sys.argv[1] == "framed":
        assert list(table.columns)[:len(study.parameters) + 1] == ["evaluation"] + study.parameters
        table = table.to_dict("records")
    assert len(table) == len(rows) > 0
    compared = 0
    for got, want in zip(table, rows):
        for label in study.parameters + study.outputs:
            if want[label] == "":
                assert math.isnan(got[label]), label
            else:
                assert got[label] == float(want[label]), (label, got[label], want[label])
            compared += 1
        assert (got["status"], str(got["evaluation"]), str(got["seed"])) == (want["status"], want["evaluation"], want["seed"])
    shown = json.load(open(name + ".json"))
    front = study.front if isinstance(study.front, list) else study.front.to_dict("records")
    assert sorted(int(r["evaluation"]) for r in front) == sorted(p["id"] for p in shown["front"]), name
    decisions = study.decisions
    assert len(decisions) > 0 and study.state == "finished"
    assert set(study.units) == set(study.parameters + study.outputs)
    print(f"{name}.dmo: {len(rows)} evaluations, {compared} numbers equal, front of {len(front)}")
for bad, error in (("nowhere.dmo", FileNotFoundError), ("a.csv", ValueError)):
    try:
        dmo.read(bad)
    except error:
        continue
    raise SystemExit(f"{bad} is read")
PY
for name in bare framed; do
  $name/bin/python check.py $name > $name.txt || fail "in the $name environment the tables differ"
  echo "python_window: $name: $(paste -sd';' $name.txt)"
done
[ "$(bare/bin/python -c 'import dmo; print(type(dmo.read("a.dmo").evaluations).__name__)')" = list ] || fail "without pandas the tables are no lists"
