#!/bin/sh
# The documentation of dmo's libraries and of its program builds without a warning.
#
# usage: Tests/Scripts/documentation.sh [TARGET ...]     default: every library of dmo, and the program
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- DMOCore DMOHost DMOWorker DMOConformance DMONumerics DMOSurrogates DMOSearch DMOStudy ProblemFile \
  DMOExchange DMOReport DMOBench DMOPluginKit dmo
words=
for target in "$@"; do words="$words --target $target"; done
# shellcheck disable=SC2086
swift package generate-documentation $words > "$work/said.txt" 2>&1 || { tail -20 "$work/said.txt" >&2; exit 1; }
# Each target is heard of, or nothing was checked.
for target in "$@"; do
  grep -q "/$target.doccarchive" "$work/said.txt" || {
    echo "documentation: $target was not documented" >&2
    tail -5 "$work/said.txt" >&2
    exit 1
  }
done
if grep -A1 'warning: ' "$work/said.txt" >&2; then echo "documentation: has warnings" >&2; exit 1; fi
echo "documentation: $# targets without a warning"
