#!/bin/sh
# A new user's path with nothing but the installed dmo: start a plugin, build it, test it, validate it, optimise it.
#
# usage: Tests/Scripts/newcomer.sh [LANGUAGE ...]     default: c cpp mpi swift
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "newcomer: $*" >&2; exit 1; }
[ $# -gt 0 ] || set -- c cpp mpi swift

make -s -C "$root" install PREFIX="$work/prefix" > "$work/install.txt" 2>&1 || {
  cat "$work/install.txt" >&2
  fail "dmo does not install"
}
# Nothing of this machine's own dmo, and nothing of the repository, may help.
unset DMO_TEMPLATES DMO_PLUGIN_PATH DMO_SWIFT PKG_CONFIG_PATH
PATH="$work/prefix/bin:$PATH" XDG_DATA_HOME="$work/data"
export PATH XDG_DATA_HOME
[ "$(command -v dmo)" = "$work/prefix/bin/dmo" ] || fail "another dmo stands in the way: $(command -v dmo)"

# The golden points come from another program, and that program agrees with theory.
python3 "$root/Tests/Scripts/lens_reference.py" > "$work/golden.csv"
cmp "$work/golden.csv" "$root/SDK/templates/common/golden.csv" || fail "golden.csv is not what lens_reference.py prints"
python3 "$root/Tests/Scripts/lens_reference.py" --check || fail "the reference departs from third-order theory"

newcomer() { # language
  mkdir "$work/$1" && cd "$work/$1"
  dmo plugin new --lang "$1" lens
  cd lens
  if grep -rn '@[A-Z]*@' . > "$work/left.txt"; then fail "$1: a placeholder is left: $(cat "$work/left.txt")"; fi
  make > build.txt 2>&1 || { cat build.txt >&2; fail "$1: does not build"; }
  if grep 'warning:' build.txt >&2; then fail "$1: builds with warnings"; fi
  make test > test.txt 2>&1 || { cat test.txt >&2; fail "$1: its golden test fails"; }
  grep -q '^7 golden points agree$' test.txt || fail "$1: its golden test compares nothing: $(cat test.txt)"
  # The test must be able to fail.
  sed -i '2s/,[0-9.]*,ok$/,4.3997198,ok/' golden.csv
  if make test > broken.txt 2>&1; then fail "$1: a wrong golden point passes"; fi
  grep -q 'edge is 4.39971971' broken.txt || fail "$1: a wrong golden point is not named: $(cat broken.txt)"
  dmo plugin validate liblens.so > validate.txt 2>&1 || { cat validate.txt >&2; fail "$1: does not validate"; }
  dmo run --plugin ./liblens.so --budget 50 --seed 1 > run.txt 2>&1 || { cat run.txt >&2; fail "$1: does not run"; }
  dmo show lens-1.dmo > show.txt || fail "$1: the study cannot be shown"
  grep -q '50 of 50 evaluations' show.txt || fail "$1: the study is not whole: $(cat show.txt)"
  grep -Eq '^ *feasible +[1-9]' show.txt || fail "$1: no feasible lens was found: $(cat show.txt)"
  exports=$(nm -D --defined-only --extern-only liblens.so | awk '$2 != "A" { print $3 }')
  [ "$exports" = dmo_plugin_v1 ] || fail "$1: exports $exports"
  if ldd liblens.so | grep -q Foundation; then fail "$1: links Foundation"; fi
  # A name with a dash, where languages want none; and the SDK found through pkg-config instead of PATH.
  cd .. && dmo plugin new --lang "$1" my-lens_2 > /dev/null && cd my-lens_2
  PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig" make > build.txt 2>&1 || { cat build.txt >&2; fail "$1: my-lens_2"; }
  dmo plugin show ./libmy-lens_2.so | grep -q '^problem my-lens_2: Single lens$' || fail "$1: my-lens_2 is not there"
}

for language in "$@"; do
  begin=$(date +%s)
  (newcomer "$language") || exit 1
  echo "newcomer: $language builds, agrees with golden.csv, validates and runs ($(($(date +%s) - begin)) s)"
done

# Several languages, one lens: the same answers.
reference=$1
for language in "$@"; do
  awk -v tolerance=1e-12 -f "$root/SDK/templates/common/check.awk" "$work/$reference/lens/answers.csv" \
    "$work/$language/lens/answers.csv" > "$work/same.txt" || fail "$reference and $language differ: $(cat "$work/same.txt")"
done

refused() { # status, words, arguments of `dmo plugin new`
  status=0 want=$1 words=$2
  shift 2
  dmo plugin new "$@" > "$work/out.txt" 2> "$work/refused.txt" || status=$?
  [ "$status" = "$want" ] || fail "dmo plugin new $*: exit $status instead of $want: $(cat "$work/refused.txt")"
  grep -q "$words" "$work/refused.txt" || fail "dmo plugin new $*: says $(cat "$work/refused.txt")"
}
mkdir "$work/refused" && cd "$work/refused"
refused 2 "cannot name a plugin" --lang c Lens
refused 2 "cannot name a plugin" --lang c ../lens
refused 2 "cannot name a plugin" --lang c ''
refused 2 "'c', 'cpp'\|fortran" --lang fortran lens
refused 2 "lang" lens
mkdir lens
refused 5 "exists already" --lang c lens
ln -s nowhere link
refused 5 "exists already" --lang c link
DMO_TEMPLATES="$work/nowhere"
export DMO_TEMPLATES
refused 5 "is no folder" --lang c prism
unset DMO_TEMPLATES
mv "$work/prefix/share/dmo/templates" "$work/aside"
refused 5 "the plugin templates are missing" --lang c prism
DMO_TEMPLATES="$work/aside" dmo plugin new --lang c prism > /dev/null || fail "DMO_TEMPLATES is not honoured"
[ -f prism/plugin.c ] || fail "DMO_TEMPLATES makes no plugin"
left=$(ls -A | sort | tr '\n' ' ')
[ "$left" = "lens link prism " ] || fail "a refused name leaves files: $left"
echo "newcomer: $# languages from nothing to an optimised lens; what cannot be is refused"
