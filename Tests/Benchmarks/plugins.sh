#!/bin/sh
# The plugins' speed side by side with the programs they are checked against: NumPy and PyTorch, TorchOptics, NEURON, the ngspice
# command line. Prints ratios with their spread.
#
# usage: Tests/Benchmarks/plugins.sh [VENV]      default: .build/peers-env, made by ../shared/peers/install.sh if it is not there
set -eu
cd "$(dirname "$0")/../.."
venv=${1:-.build/peers-env}
peers=../shared/peers
[ -d "$peers" ] || { echo "plugins.sh: $peers is not there; it holds the peers' scripts"; exit 2; }
[ -x "$venv/bin/python" ] || bash "$peers/install.sh" "$venv"
command -v ngspice >/dev/null || apt-get install -y -qq ngspice
swift build -c release 2>&1 | tail -1
status=0
echo "== cnon against NumPy and PyTorch"
Tests/Benchmarks/cnon.py --python "$venv/bin/python" || status=1
echo "== beam-splitter against TorchOptics"
Tests/Benchmarks/optics.py --venv "$venv" || status=1
echo "== Hodgkin-Huxley against NEURON"
Tests/Benchmarks/hh.py --venv "$venv" || status=1
echo "== op-amp against the ngspice command line"
Tests/Benchmarks/opamp.py || status=1
exit $status
