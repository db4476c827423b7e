#!/usr/bin/env python3
"""Each row of a CSV file of `dmo bench joint` against the first one, paired by seed: exact two-sided Wilcoxon test.

    paired.py ablation/motoneuron.csv violation        (pip install scipy)

For columns that the program's own table does not test. Rows without a value in the column are left out.
"""
import csv
import statistics
import sys

from scipy.stats import wilcoxon

if len(sys.argv) != 3:
    sys.exit(__doc__)
path, column = sys.argv[1:]
with open(path, encoding="utf-8", newline="") as file:
    lines = list(csv.DictReader(file))
if not lines or column not in lines[0]:
    sys.exit(f"{path}: no column {column}; there are: {', '.join(lines[0] if lines else [])}")
values = {}
for line in lines:
    if line[column]:
        values.setdefault(line["row"], {})[line["seed"]] = float(line[column])
first, *others = values
print(f"{first}: median {statistics.median(values[first].values()):.4g} of {len(values[first])} seeds")
for row in others:
    seeds = sorted(values[first].keys() & values[row].keys(), key=int)
    a, b = [values[first][s] for s in seeds], [values[row][s] for s in seeds]
    larger = sum(y > x for x, y in zip(a, b))
    print(f"{row}: median {statistics.median(b):.4g}, larger in {larger} of {len(seeds)}, "
          f"p = {wilcoxon(a, b, method='exact').pvalue:.3g}")
