#!/bin/sh
# Builds libtestproblems.so, loads it into a C host, and checks what it links and exports.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "testproblems_library: $*" >&2; exit 1; }

(cd "$root" && swift build -c release --product testproblems -j 2 > "$work/build.txt" 2>&1) || {
  cat "$work/build.txt" >&2
  fail "the plugin does not build"
}
library="$root/.build/release/libtestproblems.so"
cc -std=c11 -Wall -Wextra -Werror -DCOUNT_ALLOCATIONS -I"$root/SDK/include" "$root/Tests/Scripts/host.c" \
  -o "$work/host" -ldl -lm

# Only the Swift runtime and the C library; Foundation would be a second one beside the host's.
runtime='libswift|libdispatch|libBlocksRuntime|libstdc|libgcc_s'
system='linux-vdso|ld-linux|libm|libc|libdl|libpthread|libutil'
others=$(ldd "$library" | awk '{ print $1 }' | sed 's|.*/||' | grep -Ev "^($runtime|$system)[.+_A-Za-z0-9-]*" || true)
[ -z "$others" ] || fail "links $others"
exports=$(nm -D --defined-only --extern-only "$library" | awk '$2 != "A" { print $3 }')
[ "$exports" = dmo_plugin_v1 ] || fail "exports $exports"

"$work/host" "$library" > "$work/ids.txt"
[ "$(sort -u "$work/ids.txt" | wc -l)" -ge 53 ] || fail "lists $(wc -l < "$work/ids.txt") problems"
# Each also runs 1000 further evaluations, counting allocations; the host builds with its own malloc for that.
while read -r id; do
  "$work/host" "$library" "$id" > "$work/answer.txt" || fail "$id does not run"
  # A flaky problem may fail by its nature; all others answer at the middle of their box.
  case $id in *-flaky) continue ;; esac
  grep -q '^status 0$' "$work/answer.txt" || fail "$id: $(cat "$work/answer.txt")"
  if grep -q '^allocations' "$work/answer.txt"; then fail "$id: a call allocates: $(cat "$work/answer.txt")"; fi
  if grep -qiE 'nan|inf' "$work/answer.txt"; then fail "$id: $(cat "$work/answer.txt")"; fi
done < "$work/ids.txt"
# ZDT1 at the middle: g = 5.5, f2 = 5.5 (1 - sqrt(0.5 / 5.5)).
"$work/host" "$library" zdt1 n=3 | awk '
  NR == 2 { f1 = $1 } NR == 3 { f2 = $1 }
  END { d = f2 - 5.5 * (1 - sqrt(0.5 / 5.5)); exit !(NR == 3 && f1 == 0.5 && d * d < 1e-28) }' || fail "zdt1 is wrong"
count=$(wc -l < "$work/ids.txt")
echo "testproblems_library: $count problems run from C without an allocation; no library but the Swift runtime"
