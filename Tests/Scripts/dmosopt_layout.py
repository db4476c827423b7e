#!/usr/bin/env python3
"""Compares two HDF5 files of dmosopt's layout with h5py: objects, types, shapes, chunks, and what was evaluated.

usage: dmosopt_layout.py SAMPLE OURS

Groups, committed types and tables must be the same, type by type and shape by shape, and parameters, objectives,
constraints and epochs equal to the bit. Which number an enumeration gives a name is dmosopt's accident (its sample counts
y2 before y1), so names are compared and not numbers, and tables that refer to names are compared through them.
"""
import sys

import h5py
import numpy as np


def describe_type(t):
    """A type as plain data, so that two can be compared whatever handles they come from."""
    kind = t.get_class()
    if kind == h5py.h5t.COMPOUND:
        members = [(t.get_member_name(i), t.get_member_offset(i), describe_type(t.get_member_type(i)))
                   for i in range(t.get_nmembers())]
        return ("record", t.get_size(), members)
    if kind == h5py.h5t.ENUM:
        names = sorted(t.get_member_name(i) for i in range(t.get_nmembers()))
        return ("enumeration", describe_type(t.get_super()), names)
    if kind == h5py.h5t.ARRAY:
        return ("array", t.get_array_dims(), describe_type(t.get_super()))
    if kind == h5py.h5t.STRING:
        return ("text", t.get_size(), t.get_strpad(), t.is_variable_str())
    if kind == h5py.h5t.INTEGER:
        return ("integer", t.get_size(), t.get_sign(), t.get_order())
    if kind == h5py.h5t.FLOAT:
        return ("float", t.get_size(), t.get_order(), t.get_fields())
    raise SystemExit(f"unexpected type class {kind}")


def describe(file):
    """Path -> what it is."""
    found = {}

    def walk(group, path):
        found[path or "/"] = ("group",)
        for name in group:
            item, at = group[name], f"{path}/{name}"
            if isinstance(item, h5py.Group):
                walk(item, at)
            elif isinstance(item, h5py.Dataset):
                dcpl = item.id.get_create_plist()
                found[at] = ("table", describe_type(item.id.get_type()), item.shape, item.maxshape, item.chunks,
                             item.compression, item.id.get_type().committed(), dcpl.get_layout(),
                             sorted(item.attrs))
            else:
                found[at] = ("type", describe_type(item.id))
    walk(file, "")
    return found


def by_name(table):
    """The rows of a *_spec table by the names that their first column refers to."""
    column = table.dtype.names[0]
    numbers = h5py.check_enum_dtype(table.dtype[column])
    name_of = {number: name for name, number in numbers.items()}
    return {name_of[row[column]]: tuple(row)[1:] for row in table[()]}


def main():
    sample, ours = (h5py.File(path, "r") for path in sys.argv[1:3])
    expected, got = describe(sample), describe(ours)
    faults = [f"missing: {p}" for p in expected if p not in got] + [f"not in the sample: {p}" for p in got if p not in expected]
    for path in expected:
        if path in got and expected[path] != got[path]:
            faults.append(f"{path}:\n  sample {expected[path]}\n  ours   {got[path]}")
    if not faults:
        (group,) = sample
        for name in ("parameters", "objectives", "constraints", "epochs"):
            path = f"{group}/0/{name}"
            if path not in sample:
                continue
            a, b = sample[path][()], ours[path][()]
            if a.dtype.names:
                a, b = (np.stack([v[n] for n in a.dtype.names]) for v in (a, b))
            if not np.array_equal(a, b) or a.size == 0:
                faults.append(f"{path}: {np.count_nonzero(a != b)} of {a.size} numbers differ")
        if not all(np.isnan(ours[f"{group}/0/predictions"][n]).all() for n in ours[f"{group}/0/predictions"].dtype.names):
            faults.append("predictions that dmo does not make are not NaN")
        for name in ("objective_spec", "constraint_spec", "parameter_spec"):
            path = f"{group}/{name}"
            if path in sample and by_name(sample[path]) != by_name(ours[path]):
                faults.append(f"{path}: {by_name(sample[path])} became {by_name(ours[path])}")
        for name in ("problem_ids", "random_seed", "parameter_paths"):
            if (sample[f"{group}/{name}"][()] != ours[f"{group}/{name}"][()]).any():
                faults.append(f"{group}/{name} differs")
    for fault in faults:
        print(fault)
    if faults:
        raise SystemExit(1)
    tables = sum(v[0] == "table" for v in expected.values())
    types = sum(v[0] == "type" for v in expected.values())
    print(f"{tables} tables and {types} named types as in the sample; {len(sample[f'{group}/0/epochs'])} evaluations equal")


main()
