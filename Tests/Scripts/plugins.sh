#!/bin/sh
# Checks the plugins in C against their independent references, quickly: one compiler, no sanitizers.
# The full checks: Tests/Plugins/NAME/run.sh, Tests/Scripts/opamp.sh, Tests/Scripts/sanitize.sh.
#
# usage: Tests/Scripts/plugins.sh [PLUGIN ...]     default: every folder of Tests/Plugins but Shared
# environment: CC, DMO_SHARED (default: ../shared beside the repository)
set -eu
cd "$(dirname "$0")/../Plugins"
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
[ $# -gt 0 ] || set -- $(ls | grep -vx Shared)
for name in "$@"; do
  { "$name/run.sh" --quick >"$output/$name" 2>&1 && touch "$output/$name.passed"; } &
done
wait
failed=
for name in "$@"; do
  if [ -e "$output/$name.passed" ]; then
    echo "$name: $(grep -cE '^(ok|pass) ' "$output/$name") checks passed"
    grep -E '^skip' "$output/$name" || true
  else
    cat "$output/$name"
    failed="$failed $name"
  fi
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
