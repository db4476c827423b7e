#!/bin/sh
# Holds the five shipped plugins to the rules of dmo.h. The argument is the level, quick without one; deep takes an hour
# on two processors, most of it for the fifty problems of libtestproblems.so. More arguments go to each validation.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$root/.build/release
level=${1:-quick}
[ $# -eq 0 ] || shift
failed=
for name in opamp oscillators wavefront hh testproblems; do
  echo "lib$name.so, level $level"
  "$bin/dmo" plugin validate "$bin/lib$name.so" --level "$level" --quiet "$@" || failed="$failed lib$name.so"
done
[ -z "$failed" ] || { echo "validate_shipped: broken:$failed" >&2; exit 1; }
[ "$level" = deep ] || echo "validate_shipped: in depth: Tests/Scripts/validate_shipped.sh deep"
