#!/bin/sh
# Runs every C plugin under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer.
#
# usage: Tests/Scripts/sanitize.sh [PLUGIN ...]     default: every folder of Plugins/ but Shared, and Shared itself
# environment: CC (default: clang, else gcc), POINTS (50), SECONDS_EACH (20)
#
# Exit 0: no finding and no broken contract.  Libraries such as libngspice are not instrumented.
set -eu
cd "$(dirname "$0")/../.."
build=.build/sanitize
mkdir -p "$build"
compiler=${CC:-$(command -v clang || command -v gcc)}
# gold, clang's default here, warns about each of AddressSanitizer's symbols.
case $compiler in *clang*) linker=-fuse-ld=lld ;; *) linker= ;; esac
checks="$linker -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
common="-std=c11 -g -O1 -Wall -Wextra -D_GNU_SOURCE -ISDK/include"

# A target's call in Package.swift.
declared() { tr '\n' ' ' <Package.swift | grep -o "plugin(\"$1\"[^)]*)"; }

# Strings of one list argument of a target's line in Package.swift, e.g. links: ["ngspice", "m"].
listed() { # target, argument
  declared "$1" | grep -o "$2: *\[[^]]*\]" | grep -o '"[^"]*"' | tr -d '"' || true
}

# What libngspice keeps for the life of the process is not the plugin's; the frames of its code carry its name.
suppressions=$build/leaks.txt
echo "leak:libngspice" >"$suppressions"

# shellcheck disable=SC2086  # the flags are lists on purpose
$compiler $common $checks Tests/C/tiny_host.c Tests/C/plugin_exercise.c -o "$build/exercise" -ldl -lm

export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=0
export LSAN_OPTIONS=suppressions=$PWD/$suppressions:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1

# A run that finds nothing means something only if it would have found these.
fault=1
for name in overflow leak signed-overflow; do
  # shellcheck disable=SC2086
  $compiler $common $checks -DCANARY=$fault -fPIC -shared Tests/C/canary.c -o "$build/canary.so"
  if "$build/exercise" "$PWD/$build/canary.so" 2 1 >"$build/canary.log" 2>&1; then
    echo "canary $name: not seen; the sanitizers do not work here" && exit 1
  fi
  grep -q -e heap-buffer-overflow -e 'detected memory leaks' -e 'runtime error: signed' "$build/canary.log" || {
    cat "$build/canary.log" && echo "canary $name: ended for another reason" && exit 1
  }
  fault=$((fault + 1))
done
echo "canaries: overflow, leak and signed overflow are seen"

# A plugin's own check of damaged input, where it has one.
hostile() { # name
  [ -f "Tests/C/$1_hostile.c" ] || return 0
  # shellcheck disable=SC2086
  $compiler $common $checks $include Tests/C/tiny_host.c "Tests/C/$1_hostile.c" -o "$build/$1_hostile" -ldl -lm \
    && (cd "$build" && "./$1_hostile" "$PWD/lib$1.so")
}

failed=0 seen=0
if [ $# = 0 ]; then
  echo "== arrays from files"
  Tests/Plugins/Shared/run.sh
  # Bridge is a part of the Swift plugins Command and Python.
  set -- $(ls Plugins | grep -vx -e Shared -e Bridge)
fi
for name in "$@"; do
  sources=$(find "Plugins/$name" -name '*.c' 2>/dev/null)
  if [ -z "$sources" ]; then
    echo "== $name: skipped, no C files"
    continue
  fi
  seen=$((seen + 1))
  flags=$(listed "$name" flags | grep -v -e '^-O' -e '^-ffast-math$' || true)
  libraries=$(listed "$name" links | sed 's/^/-l/')
  include=$(find "Plugins/$name" -name '*.h' -exec dirname {} \; | sort -u | sed 's/^/-I/')
  if declared "$name" | grep -q 'shared: *true'; then
    sources="$sources $(ls Plugins/Shared/*.c)" include="$include -IPlugins/Shared" libraries="$libraries -lcjson"
  fi
  echo "== $name"
  # shellcheck disable=SC2086
  if $compiler $common $flags $include $checks -fPIC -shared -fvisibility=hidden $sources -o "$build/lib$name.so" \
      $libraries -lm && "$build/exercise" "$PWD/$build/lib$name.so" "${POINTS:-50}" "${SECONDS_EACH:-20}" \
      && hostile "$name"; then
    echo "== $name: no finding"
  else
    echo "== $name: FAILED"
    failed=$((failed + 1))
  fi
done
echo "$seen plugins, $failed with findings"
[ "$seen" -gt 0 ] && [ "$failed" -eq 0 ]
