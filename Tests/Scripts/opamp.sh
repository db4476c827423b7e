#!/bin/sh
# Checks libopamp.so with no part of the engine: closed forms and limits, golden points, damaged input, and, where the
# shared reference answers are at hand, the sizings of the oracle and of the cards' bin edges.
#
# usage: Tests/Scripts/opamp.sh [LIBOPAMP.SO]     default: .build/release/libopamp.so
# environment: DMO_SHARED (default: ../shared beside the repository)
set -eu
cd "$(dirname "$0")/../.."
plugin=$(realpath "${1:-.build/release/libopamp.so}")
[ -f "$plugin" ] || { echo "no $plugin; run: swift build -c release --product opamp" >&2; exit 1; }
shared=${DMO_SHARED:-../shared}
build=.build/checks
mkdir -p "$build"
for name in opamp_oracle opamp_limits plugin_exercise OpAmp_hostile; do
  cc -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -ISDK/include -IPlugins/OpAmp Tests/C/tiny_host.c "Tests/C/$name.c" \
    -o "$build/$name" -ldl -lm
done
cc -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -ISDK/include -IPlugins/OpAmp Tests/C/tiny_host.c Tests/C/opamp_faults.c \
  Plugins/OpAmp/*.c -o "$build/opamp_faults" -ldl -lm
echo "== faults" && "$build/opamp_faults"
echo "== limits" && "$build/opamp_limits" "$plugin"
echo "== contract" && "$build/plugin_exercise" "$plugin"
# A .spiceinit in the current folder must change nothing: the golden points would show it.
mkdir -p "$build/spiceinit" && printf '* poisoned\noption gmin=1e-7\n' >"$build/spiceinit/.spiceinit"
echo "== contract, beside a hostile .spiceinit" && (cd "$build/spiceinit" && ../plugin_exercise "$plugin" 5)
echo "== damaged input" && "$build/OpAmp_hostile" "$plugin"
cards=$shared/sky130/sky130_tt_trim.spice
oracle=$shared/oracle/opamp/oracle.csv
if [ -f "$cards" ] && [ -f "$oracle" ]; then
  echo "== oracle" && "$build/opamp_oracle" "$plugin" "$cards" "$oracle"
  echo "== bin edges, against the command line with every bin"
  python3 Tests/Scripts/opamp_golden.py --edges "$cards" >"$build/edges.csv"
  "$build/opamp_oracle" "$plugin" "$cards" "$build/edges.csv"
else
  echo "== oracle and bin edges: skipped, $cards or $oracle is absent (set DMO_SHARED)"
fi
