#!/usr/bin/env bash
# Builds libhh.so and its tests without SwiftPM and runs them: once for each instruction set of this machine, and once
# under the address and undefined-behaviour sanitizers.
# Usage: run.sh [--quick]                                      --quick: best instruction set only, no sanitizers
#        run.sh --shares PROBLEM [POINTS [key=value ...]]      what Sobol points of a problem's box do (10,000)
# CC names the compiler; DMO_SHARED the folder of reference answers (default: ../shared of the repository).
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
cc=${CC:-cc}
shared=${DMO_SHARED:-$root/../shared}
[ -d "$shared/oracle/hh" ] || shared=
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

include=(-I"$root/SDK/include" -I"$root/Plugins/Shared")
build() { # NAME FLAGS...
  local name=$1; shift
  "$cc" -std=c11 -Wall -Wextra -Wno-psabi -fPIC "$@" -fvisibility=hidden "${include[@]}" -shared \
    "$root"/Plugins/{HodgkinHuxley,Shared}/*.c -o "$out/libhh-$name.so" -lcjson -lm
  "$cc" -std=gnu2x -Wall -Wextra -Wno-psabi "$@" "${include[@]}" "$root"/Tests/Plugins/HodgkinHuxley/*.c \
    "$root"/Plugins/{HodgkinHuxley/kernel_*,Shared/*}.c -o "$out/test-$name" -ldl -lcjson -lm
}

build release -O2
if [ "${1:-}" = --shares ]; then
  "$cc" -std=gnu2x -O2 -Wall -Wextra "${include[@]}" "$root"/Tests/Plugins/HodgkinHuxley/{tools/shares,host}.c \
    "$root"/Plugins/Shared/*.c -o "$out/shares" -ldl -lcjson -lm
  "$out/shares" "$out/libhh-release.so" "${@:2}"
  exit
fi
if [ "${1:-}" = --quick ]; then
  "$out/test-release" "$out/libhh-release.so" "$shared"
  exit
fi
for kernels in base avx2 avx512; do
  echo "== $kernels"
  HH_KERNELS=$kernels "$out/test-release" "$out/libhh-release.so" "$shared"
done
echo "== address and undefined-behaviour sanitizers"
# gold warns of every alias in the sanitizer runtime; those lines say nothing about this code.
build sanitized -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all 2> >(grep -v "Cannot export local symbol" >&2)
"$out/test-sanitized" "$out/libhh-sanitized.so" "$shared"
