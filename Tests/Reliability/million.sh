#!/bin/bash
# A study of a million evaluations (10 parameters, 8 outputs): rate, file, show, check, resume.
# usage: Tests/Reliability/million.sh [SEARCH] [EVALUATIONS]      default: random 1000000
# KEEP=1 leaves the study where it was made; TMPDIR says where.
set -eu
search=${1:-random}
count=${2:-1000000}
root=$(cd "$(dirname "$0")/../.." && pwd)
dmo=${DMO:-$root/.build/release/dmo}
folder=$(mktemp -d)
[ "${KEEP:-}" ] || trap 'rm -rf "$folder"' EXIT
cc -std=gnu11 -O2 -fPIC -shared -I"$root/SDK/include" "$root/Tests/Reliability/steady.c" -o "$folder/libsteady.so" -lm
study=$folder/million.dmo
# timed WORDS COMMAND …: runs it and tells how long it took, and how long a processor; the first is left in $seconds.
timed() {
  words=$1; shift
  { TIMEFORMAT="%R %U %S"; time "$@" > "$folder/out" 2> "$folder/words"; } 2> "$folder/time" || { cat "$folder/words"; exit 1; }
  seconds=$(cut -d" " -f1 "$folder/time")
  printf '%-44s %8.2f s (%s s of a processor)\n' "$words" "$seconds" "$(awk '{ print $2 + $3 }' "$folder/time")"
}
timed "run --search $search, $count evaluations" "$dmo" run --plugin "$folder/libsteady.so" --search "$search" \
  --budget "$count" --study "$study" -q
run=$seconds
echo "evaluations a second, committed:             $(echo "$count / $run" | bc)"
bytes=$(stat -c %s "$study")
echo "bytes an evaluation:                         $((bytes / count))"
telemetry=$(python3 - "$study" <<'END'
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*), count(telemetry) FROM decisions").fetchone())
END
)
echo "decisions, and those that told something:    $telemetry"
timed "show" "$dmo" show "$study"
show=$seconds
grep -q "$count of $count" "$folder/out"
timed "list" "$dmo" list "$folder"
timed "check" "$dmo" check "$study"
timed "resume with 10 evaluations more" "$dmo" resume "$study" --budget +10 -q
resume=$seconds
grep -q "$((count + 10))" "$folder/out"
memory=$(python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' "$dmo" show "$study")
echo "memory of show:                              $memory MiB"
# Searches that wait for each answer are as fast as the disk synchronises.
case $search in random|lhs|sobol) least=5000 ;; *) least=0 ;; esac
[ "$(echo "$show <= 1 && $resume <= 10 && $count / $run >= $least" | bc)" = 1 ] && [ $((bytes / count)) -le 300 ] \
  || { echo "a promise of docs/reliability.md is not kept here"; exit 1; }
