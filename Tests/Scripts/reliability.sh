#!/bin/sh
# A few of each of the reliability checks, quickly; docs/reliability.md names the long ones.
# usage: Tests/Scripts/reliability.sh      needs a release build, or DMO=/path/to/dmo
set -eu
cd "$(dirname "$0")/../Reliability"
./kill.py dmo 10 "$(date +%j)"
./kill.py workers 10 "$(date +%j)"
./faults.py enospc,eio,short,kill 40
./soak.py 2000
./promises.py
