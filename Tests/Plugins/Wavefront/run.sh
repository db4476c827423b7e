#!/usr/bin/env bash
# Builds libwavefront.so and its checks, optimised as the package does and with the address and undefined-behaviour
# sanitizers, each with clang and gcc where present, and runs them all.
# Usage: Tests/Plugins/Wavefront/run.sh [--quick | BUILD_FOLDER]     --quick: ${CC:-cc} only, no sanitizers
# The reference answers are looked for in $DMO_SHARED, else in ../shared beside the repository.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
quick=
[ "${1:-}" != --quick ] || { quick=1; shift; }
build=${1:-$(mktemp -d)}
[ $# -gt 0 ] || trap 'rm -rf "$build"' EXIT
mkdir -p "$build/scratch"
shared=${DMO_SHARED:-$root/../shared}
oracle=()
if [ -d "$shared/oracle/optics" ]; then oracle=("$shared")
else echo "skip oracle: $shared/oracle/optics is absent"; fi

flags=(-std=c11 -g -Wall -Wextra -Werror "-I$root/SDK/include" "-I$root/Plugins/Shared")
check() {  # COMPILER NAME FLAGS...: builds the library and the checks with these flags and runs them
  local cc=$1 name=$1-$2; shift 2
  "$cc" "${flags[@]}" "$@" -fPIC -shared -fvisibility=hidden "$root"/Plugins/{Wavefront,Shared}/*.c -lfftw3 -lcjson -lm \
    -o "$build/libwavefront-$name.so"
  "$cc" "${flags[@]}" -D_GNU_SOURCE "$@" "$here"/*.c "$root"/Plugins/Shared/*.c -ldl -lcjson -lm -pthread -o "$build/check-$name"
  echo "== $name"
  "$build/check-$name" "$build/libwavefront-$name.so" "$build/scratch" "${oracle[@]}"
}
if [ "$quick" ]; then
  check "${CC:-cc}" release -O2
  exit
fi
ran=0
for cc in clang gcc; do
  command -v $cc > /dev/null || { echo "skip $cc: not installed"; continue; }
  check $cc release -O2
  # gold, some clangs' linker, warns about every symbol of the sanitizer's runtime.
  check $cc sanitized -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -fuse-ld=bfd
  ran=1
done
[ $ran = 1 ] || { echo "Wavefront: no compiler, nothing checked"; exit 1; }
echo "Wavefront: all checks passed"
