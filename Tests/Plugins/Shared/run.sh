#!/usr/bin/env bash
# Checks the reader of arrays from JSON files under the address and undefined-behaviour sanitizers.
# Usage: run.sh      CC names the compiler (default: clang, else cc)
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
cc=${CC:-$(command -v clang || command -v cc)}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
# A locale with a decimal comma, where the system can make one.
mkdir -p "$build/locales" "$build/scratch"
localedef -i de_DE -f UTF-8 "$build/locales/de_DE.UTF-8" 2>/dev/null && export LOCPATH=$build/locales
# gold, some clangs' linker, warns about every symbol of the sanitizer's run-time.
"$cc" -std=c11 -g -O1 -Wall -Wextra -pedantic -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
  -fuse-ld=bfd -I"$root/Plugins/Shared" "$root"/Plugins/Shared/*.c "$root"/Tests/Plugins/Shared/*.c -lcjson -lm -o "$build/check"
"$build/check" "$build/scratch"
