#!/bin/sh
# What a worker process costs beside a call in process, for a plugin that does next to nothing.
# usage: Tests/Benchmarks/isolation.sh [ROUNDS]      default: 7
set -eu
cd "$(dirname "$0")"
plugin=$(mktemp -d)/libamp.so
trap 'rm -rf "$(dirname "$plugin")"' EXIT
cc -std=gnu11 -O2 -fPIC -shared -I../../SDK/include ../Fixtures/Good/amp.c -o "$plugin" -lm
swift build -c release --product isolation >&2
.build/release/isolation "$plugin" "${1:-7}"
