#!/bin/bash
# Coverage-guided fuzzing (libFuzzer, AddressSanitizer) of what dmo reads from workers, users and plugins.
# usage: Tests/Fuzz/fuzz.sh build | run TARGET [SECONDS] | replay | report
#   TARGET: protocol (a worker's frames), text (tables, options, goals), table (a plugin's tables)
# Runs add up: inputs live in .build/fuzz/corpus (or $FUZZ_OUT/corpus), wall and processor seconds beside it. An input
# that ends a reader is kept as found-TARGET-… there; once mended, it goes to Tests/Fuzz/inputs, which `replay` runs
# through each reader.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${FUZZ_OUT:-.build/fuzz}
targets="protocol text table"

build() {
  rm -rf $out/sources $out/modules
  mkdir -p $out/sources $out/modules
  # One module: what the sources import of each other is in it.
  for file in Sources/DMOCore/*.swift Sources/DMOHost/*.swift Sources/DMOWorker/*.swift \
      Sources/dmo/{Points,KeyValue,Quantity}.swift Sources/DMOStudy/FailurePolicy.swift \
      Sources/DMOSearch/{OptionValues,StrategyInfo,SearchError}.swift \
      Sources/DMOSurrogates/{TrainerOptions,TrainerDescription,Surrogate,Dataset}.swift $(find .build/checkouts/SwiftCSV/SwiftCSV -name "*.swift"); do
    sed -E '/^ *import (DMOCore|DMOHost|DMOWorker|DMOStudy|DMOSearch|DMOSurrogates|ArgumentParser|SwiftCSV)$/d' "$file" \
      > "$out/sources/s$(echo "$file" | tr / _)"
  done
  cp Tests/Fuzz/*.swift $out/sources/
  echo "module CDMO { header \"$PWD/SDK/include/dmo/dmo.h\" header \"$PWD/SDK/include/dmo/draft/mpi.h\" export * }
module CDMOHost { header \"$PWD/Sources/CDMOHost/include/cdmohost.h\" export * }" > $out/modules/module.modulemap
  for file in Sources/CDMOHost/*.c; do
    clang -g -O1 -fsanitize=fuzzer-no-link,address -ISources/CDMOHost/include -c "$file" -o "$out/$(basename "$file" .c).o"
  done
  swiftc -swift-version 5 -parse-as-library -sanitize=fuzzer,address -g -O -module-name Fuzz -package-name dmo \
    -suppress-warnings -I $out/modules -ISDK/include -I Sources/CLtdl -Xcc -ISDK/include $out/sources/*.swift $out/*.o -lltdl -o $out/fuzz
}

# A minute for one input is a finding, and so are 2 GiB.
fuzz() {
  local target=$1; shift
  mkdir -p $out/corpus/$target
  # A trap ends the process at once; its own backtrace would take minutes.
  SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target $out/fuzz "$@"
}

add() { echo $(($(cat "$out/$1" 2>/dev/null || echo 0) + ${2:-0})) > "$out/$1"; }

case ${1:-} in
build) build ;;
run)
  target=$2; seconds=${3:-3600}
  mkdir -p $out/corpus/$target
  [ -n "$(ls $out/corpus/$target)" ] || FUZZ_SEEDS=$out/corpus/$target fuzz $target
  start=$(date +%s)
  # An input may take long in wall time on a busy machine: -timeout is for those that never end.
  TIMEFORMAT="%U %S"
  { time fuzz $target -max_total_time=$seconds -timeout=60 -report_slow_units=60 -rss_limit_mb=2048 -max_len=4096 \
    -print_final_stats=1 -artifact_prefix=$out/found-$target- $out/corpus/$target > $out/log-$target 2>&1 || failed=1; } 2> $out/used-$target
  tail -12 $out/log-$target
  add seconds-$target $(($(date +%s) - start))
  add cpu-$target $(awk '{ print int($1 + $2) }' $out/used-$target)
  add inputs-$target $(sed -n 's/^stat::number_of_executed_units: *//p' $out/log-$target)
  exit ${failed:-0} ;;
replay)
  for target in $targets; do
    found=$(ls Tests/Fuzz/inputs/$target-* 2>/dev/null || true)
    [ -z "$found" ] || fuzz $target $found 2>&1 | grep -E "^Running|Executed|ERROR" | tail -3
  done ;;
report)
  for target in $targets; do
    echo "$target: $(cat $out/inputs-$target 2>/dev/null || echo 0) inputs in" \
      "$(cat $out/seconds-$target 2>/dev/null || echo 0) s ($(cat $out/cpu-$target 2>/dev/null || echo 0) s of a" \
      "processor), $(ls $out/corpus/$target 2>/dev/null | wc -l) kept for coverage," \
      "$(ls $out/found-$target-* 2>/dev/null | wc -l) findings"
  done ;;
*) sed -n '3,4p' "$0"; exit 2 ;;
esac
