#!/bin/sh
# A plugin and a host built with different minor versions of dmo.h understand each other, both ways.
#
# Three headers: v1.0 as it was published (kept in Tests/Fixtures/abi), today's, and a later one in which every structure
# has grown (made from today's by grow.awk). One plugin that uses every structure, and two hosts: a C host of its own, and
# dmo's host code. Each is built with each header; all pairs must say the same.
#
# usage: Tests/Scripts/abi.sh        environment: DMO (default: .build/release/dmo), CC
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "abi: $*" >&2; exit 1; }
fixtures="$root/Tests/Fixtures/abi"
dmo=${DMO:-$root/.build/release/dmo}
cc=${CC:-cc}

mkdir -p "$work/v1.0" "$work/today" "$work/grown"
cp -R "$fixtures/v1.0/dmo" "$work/v1.0/"
cp -R "$root/SDK/include/dmo" "$work/today/"
mkdir "$work/grown/dmo"
awk -f "$fixtures/grow.awk" "$root/SDK/include/dmo/dmo.h" > "$work/grown/dmo/dmo.h"
# Drafts are no part of the interface: dmo's own code is built with today's, whatever the header beside them.
for header in v1.0 grown; do cp -R "$root/SDK/include/dmo/draft" "$work/$header/dmo/"; done
# What was published stays as it was: v1.0's own header fulfils today's table of offsets.
$cc -std=c11 -I"$work/v1.0" -fsyntax-only "$root/SDK/abi_check.c" || fail "the kept header is not version 1.0"
$cc -std=c11 -I"$work/today" -fsyntax-only "$root/SDK/abi_check.c" || fail "today's header moved a field of 1.0"

headers="v1.0 today grown"
for header in $headers; do
  flags="-std=gnu11 -Wall -Wextra -Werror -Wno-missing-field-initializers -I$work/$header"
  $cc $flags -shared -fPIC -fvisibility=hidden "$fixtures/plugin.c" -o "$work/libabi-$header.so" -lm
  $cc $flags "$fixtures/host.c" -o "$work/host-$header" -ldl -lm
done

# --- the C host: nine pairs
for host in $headers; do
  for plugin in $headers; do
    pair="a $host host with a $plugin plugin"
    "$work/host-$host" "$work/libabi-$plugin.so" > "$work/out.txt" || fail "$pair fails"
    grep -v '^later ' "$work/out.txt" > "$work/same.txt"
    [ -f "$work/expected.txt" ] || cp "$work/same.txt" "$work/expected.txt"
    cmp "$work/expected.txt" "$work/same.txt" || fail "$pair: $(diff "$work/expected.txt" "$work/same.txt")"
    # Fields that came later: there if both know them, zero if the plugin does not, never looked at if the host does not.
    case $host-$plugin in grown-grown) want=7 ;; grown-*) want=0 ;; *) want= ;; esac
    seen=$(grep '^later ' "$work/out.txt" | cut -d' ' -f3 | sort -u | tr '\n' ' ')
    [ "$seen" = "${want:+$want }" ] || fail "$pair: later fields are '$seen' instead of '$want'"
    [ -z "$want" ] || [ "$(grep '^later ' "$work/out.txt" | cut -d' ' -f2 | sort -u | wc -l)" -eq 15 ] \
      || fail "$pair: not every structure was read: $(grep '^later ' "$work/out.txt" | sort -u)"
  done
done
# By hand: gain 2 and width 3 give 2 * 9; the fidelity halves it; the derivative is 4 * 3.
grep -qx 'answer 0 0 \[18 3 nan 1\] \[0 0 0 0\] cost 3 ' "$work/expected.txt" || fail "$(cat "$work/expected.txt")"
grep -qx 'answer 0 0 \[9 3 nan 1\] \[0 0 0 0\] cost 3 ' "$work/expected.txt" || fail "$(cat "$work/expected.txt")"
grep -qx 'answer 1 0 \[18 3 nan 1\] \[12 0 2 1\] cost 3 ' "$work/expected.txt" || fail "$(cat "$work/expected.txt")"

# --- dmo itself
printf 'width,mode,phase[0],phase[1]\n3,fast,2,1\n60,fast,2,1\n' > "$work/points.csv"
for plugin in $headers; do
  cp "$work/libabi-$plugin.so" "$work/libabi.so"
  "$dmo" plugin show --json "$work/libabi.so" > "$work/show-$plugin.txt" || fail "dmo does not show a $plugin plugin"
  "$dmo" eval --plugin "$work/libabi.so" --input "$work/points.csv" > "$work/eval-$plugin.txt" 2> "$work/eval.err" \
    || fail "dmo does not evaluate a $plugin plugin: $(cat "$work/eval.err")"
  for what in show eval; do
    sed 's/"abi_minor":[0-9]*//' "$work/$what-$plugin.txt" > "$work/$what.txt"
    [ -f "$work/$what-expected.txt" ] || cp "$work/$what.txt" "$work/$what-expected.txt"
    cmp "$work/$what-expected.txt" "$work/$what.txt" || fail "dmo $what differs for a $plugin plugin"
  done
done
grep -q '^3.0,fast,2.0,1.0,18.0,3.0,,1.0,ok,$' "$work/eval-v1.0.txt" || fail "$(cat "$work/eval-v1.0.txt")"

# --- dmo's host code, with today's header and with the grown one
sources="$work/package/Sources"
mkdir -p "$sources" "$work/package/SDK"
cp -R "$root/Sources/CLtdl" "$root/Sources/CDMOHost" "$root/Sources/DMOCore" "$root/Sources/DMOHost" "$sources/"
cp -R "$fixtures/SwiftHost" "$sources/abi-host"
cat > "$work/package/Package.swift" <<'SWIFT'
// swift-tools-version: 6.1
import PackageDescription
let package = Package(
  name: "abi",
  targets: [
    .target(name: "CDMO", path: "SDK"), .systemLibrary(name: "CLtdl"), .target(name: "CDMOHost"),
    .target(name: "DMOCore"), .target(name: "DMOHost", dependencies: ["DMOCore", "CDMO", "CLtdl", "CDMOHost"]),
    .executableTarget(name: "abi-host", dependencies: ["CDMO", "DMOCore", "DMOHost"]),
  ], swiftLanguageModes: [.v6], cLanguageStandard: .c11)
SWIFT
for header in today grown; do
  rm -rf "$work/package/SDK/include"
  mkdir -p "$work/package/SDK/include"
  cp -R "$work/$header/dmo" "$work/package/SDK/include/"
  printf '#include <dmo/dmo.h>\n' > "$work/package/SDK/empty.c"
  # A folder for each: a header exchanged within a second of a build can go unnoticed.
  (cd "$work/package" && swift build -j 2 --scratch-path "$work/built-$header" > "$work/build.txt" 2>&1) || {
    cat "$work/build.txt" >&2
    fail "dmo's host code does not build with the $header header"
  }
  for plugin in $headers; do
    pair="dmo's host code built with the $header header, with a $plugin plugin"
    "$work/built-$header/debug/abi-host" "$work/libabi-$plugin.so" > "$work/out.txt" || fail "$pair fails"
    grep '^sizes ' "$work/out.txt" > "$work/sizes-$header.txt"
    grep -v '^sizes ' "$work/out.txt" > "$work/same.txt"
    [ -f "$work/swift-expected.txt" ] || cp "$work/same.txt" "$work/swift-expected.txt"
    cmp "$work/swift-expected.txt" "$work/same.txt" || fail "$pair: $(diff "$work/swift-expected.txt" "$work/same.txt")"
  done
done
grep -q '^vjp \[12.0, 0.0, 2.0, 1.0\]$' "$work/swift-expected.txt" || fail "$(cat "$work/swift-expected.txt")"
[ "$(cat "$work/sizes-today.txt")" = "sizes 88 56 64 0" ] || fail "today: $(cat "$work/sizes-today.txt")"
[ "$(cat "$work/sizes-grown.txt")" = "sizes 96 72 88 1" ] || fail "grown: $(cat "$work/sizes-grown.txt")"
echo "abi: 9 pairs of a C host and a plugin, dmo with 3 plugins, dmo's host code in 6 pairs agree"
