#!/bin/sh
# Export and import against h5py, an HDF5 reader of its own: dmosopt's sample files are imported, exported again and
# compared object by object; a study of a plugin, too; and a million rows pass in memory that does not grow with them.
#
# usage: Tests/Scripts/exchange.sh [DMO]     default: .build/release/dmo
# DMO_SHARED names the folder that has oracle/dmosopt; by default ../shared beside the repository.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dmo=$(realpath "${1:-$root/.build/release/dmo}")
plugins=$(dirname "$dmo")
samples=${DMO_SHARED:-$root/../shared}/oracle/dmosopt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "exchange: $*" >&2; exit 1; }
cd "$work"
unset DMO_HDF5

python3 -m venv venv && venv/bin/pip install -q h5py || fail "a virtual environment with h5py cannot be made"
compare() { venv/bin/python "$root/Tests/Scripts/dmosopt_layout.py" "$@"; }

if [ -d "$samples" ]; then
  for name in zdt1 tnk; do
    "$dmo" import "$samples/$name.h5" --study $name.dmo -q > $name.txt || fail "$name.h5 is not imported"
    "$dmo" check $name.dmo > /dev/null || fail "the study imported from $name.h5 is not whole"
    "$dmo" export $name.dmo --format hdf5 -o $name.h5 || fail "$name.dmo is not exported"
    compare "$samples/$name.h5" $name.h5 > same.txt || { cat same.txt >&2; fail "$name.h5 comes back otherwise"; }
    echo "exchange: $name.h5 imported and exported again: $(tail -1 same.txt)"
  done
  # The comparison must be able to fail.
  if compare "$samples/zdt1.h5" tnk.h5 > /dev/null 2>&1; then fail "the comparison accepts another file"; fi
else
  echo "exchange: skipped the samples of dmosopt: there is no $samples"
fi

# A study of a plugin with constraints, integers and a maximised objective, read back by h5py and by dmo.
"$dmo" run --plugin "$plugins/libtestproblems.so" --problem tnk --search random --budget 40 --study run.dmo -q > /dev/null
"$dmo" export run.dmo --format hdf5 -o run.h5
"$dmo" export run.dmo -o run.csv
venv/bin/python - run.h5 run.csv <<'PY' || fail "run.h5 does not hold the study"
import csv, sys
import h5py, numpy as np
rows = list(csv.DictReader(open(sys.argv[2])))
group = h5py.File(sys.argv[1])["tnk"]
assert len(rows) == 40 == len(group["0/epochs"])
for table in ("parameters", "objectives"):
    data = group["0"][table][()]
    for name in data.dtype.names:
        want = np.array([float(r[name]) for r in rows], dtype="f4")
        assert (data[name] == want).all(), (table, name)
assert len(group["0/constraints"].dtype.names) == 2
PY
# The same plugin takes the file as a warm start and goes on.
"$dmo" import run.h5 --plugin "$plugins/libtestproblems.so" --problem tnk --search nsga2 --budget 30 --study warm.dmo -q > /dev/null
"$dmo" resume warm.dmo -q > /dev/null || fail "a warm start does not go on"
[ "$("$dmo" export warm.dmo | wc -l)" = 71 ] || fail "a warm start of 40 and 30 more are not 70"
"$dmo" check warm.dmo > /dev/null || fail "the warm start is not whole"

status=0
DMO_HDF5=/nowhere/libhdf5.so "$dmo" export run.dmo --format hdf5 -o none.h5 2> none.txt || status=$?
[ $status = 5 ] && grep -q "libhdf5-103-1" none.txt || fail "a missing libhdf5 is not explained: $(cat none.txt)"
status=0
"$dmo" import run.csv --plugin "$plugins/libtestproblems.so" --problem zdt1 2> other.txt || status=$?
[ $status = 2 ] || fail "another problem's table is not refused: $(cat other.txt)"

# A million rows: the peak of an export and an import stays near that of a small one.
peak() { # FILE command ...
  file=$1
  shift
  /usr/bin/python3 -c '
import resource, subprocess, sys
code = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "wb"), stderr=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024 if code == 0 else "failed")' "$file" "$@"
}
rows=${ROWS:-1000000}
python3 - "$rows" > many.csv <<'PY'
import random, sys
random.seed(1)
print("x1,x2,f1,f2,c1,c2")
for _ in range(int(sys.argv[1])):
    print(",".join(repr(v) for v in (random.uniform(0, 3.14), random.uniform(1e-3, 3.14), random.random(), random.random(),
                                     random.random(), random.random())))
PY
head -1001 many.csv > few.csv
"$dmo" plugin show "$plugins/libtestproblems.so" --problem tnk --json > tnk.json
names=$(python3 -c '
import json
t = json.loads(open("tnk.json").readline()); p = t["problems"][0] if "problems" in t else t
print(",".join(x["id"] for x in p["parameters"]) + " " + ",".join(x["id"] for x in p["outputs"]))')
sed -i "1s/.*/$(echo "$names" | tr ' ' ',')/" many.csv few.csv
for size in few many; do
  begin=$(date +%s)
  eval "import_$size=$(peak out.txt "$dmo" import $size.csv --plugin "$plugins/libtestproblems.so" --problem tnk --search random --study $size.dmo)"
  eval "csv_$size=$(peak $size-out.csv "$dmo" export $size.dmo --units)"
  eval "json_$size=$(peak $size-out.json "$dmo" export $size.dmo --format json)"
  eval "hdf5_$size=$(peak out.txt "$dmo" export $size.dmo --format hdf5 -o $size.h5)"
  echo "exchange: $size: $(($(date +%s) - begin)) s"
done
[ "$(wc -l < many-out.csv)" = $((rows + 2)) ] || fail "the export has not every row"
echo "exchange: peak memory of 1000 and $rows rows in MiB: import $import_few $import_many, csv $csv_few $csv_many," \
  "json $json_few $json_many, hdf5 $hdf5_few $hdf5_many"
for kind in import csv json; do
  eval "few=\$${kind}_few many=\$${kind}_many"
  [ "$many" -lt $((few + 64)) ] || fail "$kind: memory grows with the rows"
done
echo "exchange: all is as it should be"
