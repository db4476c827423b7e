#!/bin/sh
# Builds a C and a Swift plugin outside the repository from the installed SDK alone, and evaluates one point of each.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "sdk_outside: $*" >&2; exit 1; }

make -s -C "$root" install-sdk PREFIX="$work/prefix"
PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig"
export PKG_CONFIG_PATH
cflags=$(pkg-config --cflags dmo)
case $cflags in *"$root"*) fail "dmo.pc points into the repository: $cflags" ;; esac
mkdir "$work/c" "$work/toy" "$work/toy/Sources" "$work/toy/Sources/Toy"
cp "$root/Tests/Scripts/host.c" "$work/c/host.c"
(cd "$work/c" && cc -std=c11 -Wall -Wextra -Werror $cflags host.c -o "$work/host" -ldl -lm)

cat > "$work/c/toy.c" <<'C'
#include <dmo/dmo.h>
#include <math.h>
static const dmo_param params[] = {
  { .id = "width", .unit = "m", .scale = DMO_LOG, .min = 1e-6, .max = 1e-3 },
  { .id = "fingers", .kind = DMO_INTEGER, .min = 1, .max = 16 },
};
static const dmo_output outputs[] = {
  { .id = "power", .unit = "W", .role = DMO_MINIMIZE },
  { .id = "gain", .unit = "dB", .role = DMO_AT_LEAST, .bound = 60 },
};
static const dmo_spec spec = {
  .struct_size = sizeof spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0],
  .param_count = 2, .params = params, .output_count = 2, .outputs = outputs,
};
static dmo_status evaluate(dmo_instance self, const dmo_call *call, dmo_result *out) {
  (void)self;
  double total = call->x[0] * 1e5 * call->x[1];
  if (total > 800) return DMO_INFEASIBLE;
  out->y[0] = total;
  out->y[1] = 40 + 20 * log10(total);
  return DMO_OK;
}
static const dmo_problem problem = { .struct_size = sizeof problem, .id = "toy-amp", .name = "Toy amplifier",
                                     .threads = DMO_THREADS_FREE, .spec = &spec, .evaluate = evaluate };
static const dmo_problem *const problems[] = { &problem };
static const dmo_plugin plugin = { .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.example.toy",
                                   .name = "Toy", .version = "1.0.0", .problem_count = 1, .problems = problems };
const dmo_plugin *dmo_plugin_v1(const dmo_host *host) { (void)host; return &plugin; }
C
(cd "$work/c" && cc -std=c11 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden $cflags toy.c -o libtoy.so -lm)
"$work/host" "$work/c/libtoy.so" toy-amp > "$work/c.txt"

# The draft headers are installed, too: the template of a plugin over MPI ranks, which needs no MPI to build.
[ -f "$work/prefix/include/dmo/draft/mpi.h" ] || fail "dmo/draft/mpi.h is not installed"
sed 's/@NAME@/lens/g' "$work/prefix/share/dmo/templates/mpi/plugin.c" > "$work/c/lens.c"
(cd "$work/c" && cc -std=c11 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden $cflags lens.c -o liblens.so -lm)
exports=$(nm -D --defined-only --extern-only "$work/c/liblens.so" | awk '$2 != "A" { print $3 }')
[ "$exports" = dmo_plugin_v1 ] || fail "the plugin over MPI ranks exports $exports"

# The README's own plugin, so that what it shows is known to build.
awk -v folder="$work/toy" '
  /^`Package.swift`/ { out = folder "/Package.swift" }
  /^`Sources\/Toy\/Toy.swift`/ { out = folder "/Sources/Toy/Toy.swift" }
  /^```/ { if (inside) { inside = 0; out = "" } else inside = 1; next }
  inside && out { print > out }' "$work/prefix/share/dmo/swift/README.md"
sed -i "s|\"/usr/local/share/dmo/swift\"|\"$work/prefix/share/dmo/swift\"|" "$work/toy/Package.swift"
grep -q "$work/prefix" "$work/toy/Package.swift" || fail "the README's package does not name the installed kit"
(cd "$work/toy" && swift build -c release --product toy -j 2 > build.txt 2>&1) || {
  cat "$work/toy/build.txt" >&2
  fail "the Swift plugin does not build"
}
if grep 'warning:' "$work/toy/build.txt" >&2; then fail "the Swift plugin has warnings"; fi
library="$work/toy/.build/release/libtoy.so"
"$work/host" "$library" toy-amp > "$work/swift.txt"
if ldd "$library" | grep -q Foundation; then fail "the Swift plugin links Foundation"; fi
exports=$(nm -D --defined-only --extern-only "$library" | awk '$2 != "A" { print $3 }')
[ "$exports" = dmo_plugin_v1 ] || fail "the Swift plugin exports more than dmo_plugin_v1: $(echo "$exports" | head -3)"

# width = sqrt(1e-6 * 1e-3) m, fingers = 8: total = 8 * 1e5 * 10^-4.5, gain = 40 + 20 log10(total).
for answer in c swift; do
  awk -v name="$answer" '
    function near(a, b) { return (a - b)^2 < 1e-18 * b * b }
    NR == 1 { status = $0 } NR == 2 { power = $1 } NR == 3 { gain = $1 }
    END {
      total = 8 * 1e5 * exp(-4.5 * log(10))
      if (NR != 3 || status != "status 0" || !near(power, total) || !near(gain, 40 + 20 * log(total) / log(10))) {
        print "sdk_outside: wrong answer of the " name " plugin: " status, power, gain > "/dev/stderr"
        exit 1
      }
    }' "$work/$answer.txt"
done
cmp -s "$work/c.txt" "$work/swift.txt" || fail "they differ: $(cat "$work/c.txt" "$work/swift.txt")"

# A package build installs below DESTDIR, but what it installs names PREFIX alone.
make -s -C "$root" install-sdk DESTDIR="$work/stage" PREFIX=/opt/dmo
[ -f "$work/stage/opt/dmo/include/dmo/dmo.h" ] || fail "DESTDIR is not honoured"
grep -qx 'prefix=/opt/dmo' "$work/stage/opt/dmo/lib/pkgconfig/dmo.pc" || fail "dmo.pc does not name PREFIX"
if make -s -C "$root" install-sdk PREFIX=relative 2> "$work/refused.txt"; then fail "a relative PREFIX is accepted"; fi
grep -q 'not an absolute path' "$work/refused.txt" || fail "a relative PREFIX is refused without a reason"

make -s -C "$root" uninstall PREFIX="$work/prefix"
left=$(find "$work/prefix" -type f)
[ -z "$left" ] || fail "uninstall leaves $left"
echo "sdk_outside: a C and a Swift plugin, built from the installed SDK, agree: $(tr '\n' ' ' < "$work/swift.txt")"
