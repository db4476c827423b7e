#!/usr/bin/env bash
# Checks liboscillators.so against independent programs, against itself, and under the sanitizers.
# Usage: run.sh [--quick | PLUGIN]
#   PLUGIN: a built liboscillators.so; default: built here, once for each instruction set, and with the sanitizers
#   --quick: built here, with the instruction set of this processor only
# Environment: CC (default clang, else cc), DMO_SHARED (default: ../shared beside the repository).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
sources=$root/Plugins/Oscillators
shared=${DMO_SHARED:-$root/../shared}
cc=${CC:-$(command -v clang || command -v cc)}
flags=(-std=c11 -O2 -g -Wall -Wextra -pedantic -Werror -I "$root/SDK/include" -I "$root/Plugins/Shared")
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

oracle=()
if [ -d "$shared/oracle/cnon" ]; then oracle=("$shared/oracle/cnon"); else
  echo "skip  oracle: $shared/oracle/cnon is not there (set DMO_SHARED)"; fi
command -v python3 >/dev/null || { echo "error: reference.py needs python3 (its standard library only)"; exit 2; }
python3 "$here/reference.py" > "$build/cases"
if ! python3 "$here/reference.py" --golden | cmp - "$sources/golden.c"; then
  echo "FAIL  golden.c is not what reference.py prints"; exit 1; fi
# A locale with a decimal comma, where the system can make one.
mkdir -p "$build/locales"
localedef -i de_DE -f UTF-8 "$build/locales/de_DE.UTF-8" 2>/dev/null && export LOCPATH=$build/locales

library() { # OUT FLAG...
  local out=$1; shift
  "$cc" "${flags[@]}" -fvisibility=hidden -fPIC -shared "$@" "$sources"/*.c "$root"/Plugins/Shared/*.c -o "$out" -lcjson -lm
}
program() { # OUT FLAG...
  local out=$1; shift
  "$cc" "${flags[@]}" "$@" "$here"/check{,_answers,_calls,_host,_files}.c "$root"/Plugins/Shared/*.c \
    -o "$out" -lcjson -lm -ldl -pthread
}
check() { # NAME PROGRAM PLUGIN
  mkdir -p "$build/scratch"
  echo "== $1"
  "$2" "$3" "$build/cases" "$build/scratch" "${oracle[@]}"
}

echo "== kernels"
"$cc" "${flags[@]}" "$here/check_kernels.c" "$sources"/{kernels_generic,kernels_avx2,kernels_avx512,network}.c \
  -o "$build/kernels" -lm
"$build/kernels"
program "$build/check"
if [ "${1:-}" = --quick ]; then
  library "$build/quick.so"
  check quick "$build/check" "$build/quick.so"
  exit
elif [ $# -gt 0 ]; then
  check "$1" "$build/check" "$(realpath "$1")"
  exit
fi
sets=(generic)
if [ "$(uname -m)" = x86_64 ]; then
  for set in avx2 avx512f; do
    if grep -qw "$set" /proc/cpuinfo; then sets+=("${set%f}"); else echo "skip  $set: not on this processor"; fi
  done
fi
for set in "${sets[@]}"; do
  library "$build/$set.so" "-DOSC_KERNELS=osc_kernels_$set"
  check "$set" "$build/check" "$build/$set.so"
done
# gold, clang's linker on some systems, warns about every symbol of the sanitizer's run-time.
quiet() { "$@" 2> >(grep -v 'Cannot export local symbol' >&2); }
sanitize=(-fsanitize=address,undefined -fno-sanitize-recover=all -O1)
quiet library "$build/sanitized.so" "${sanitize[@]}"
quiet program "$build/check-sanitized" "${sanitize[@]}"
check "address and undefined-behaviour sanitizers" "$build/check-sanitized" "$build/sanitized.so"
# Swift's clang ships a thread sanitizer that needs libdispatch: the system's compiler is the second choice.
for candidate in "$cc" cc gcc; do
  if echo 'int main(void) { return 0; }' | "$candidate" -fsanitize=thread -x c - -o "$build/probe" 2>/dev/null; then
    cc=$candidate
    library "$build/threads.so" -fsanitize=thread -O1
    program "$build/check-threads" -fsanitize=thread -O1
    check "thread sanitizer" "$build/check-threads" "$build/threads.so"
    exit
  fi
done
echo "skip  thread sanitizer: no compiler here links it"
