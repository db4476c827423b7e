"""Serves a Python module as a dmo problem: runs in a Python of its own, speaks to dmo's plugin over descriptor 3.

First it describes the module (one byte: 0 it works, 1 it does not; a length; JSON or the reason). Then, for each request
(number, seed, fidelity, the point), it answers a status, the outputs and a message. All numbers are little-endian.
"""
import importlib
import importlib.util
import inspect
import json
import math
import os
import struct
import sys
import traceback

CHANNEL = 3
OK, INFEASIBLE, FAILED = 0, 1, 2


def receive(count):
    data = b""
    while len(data) < count:
        part = os.read(CHANNEL, count - len(data))
        if not part:
            os._exit(0)  # dmo has gone; a module's own threads must not keep this process
        data += part
    return data


def send(data):
    view = memoryview(data)
    while view:
        view = view[os.write(CHANNEL, view):]


def load(name, folder):
    sys.path.insert(0, folder or os.getcwd())
    if not name.endswith(".py"):
        return importlib.import_module(name)
    # A file of any name; its folder comes first, so that it finds its neighbours.
    path = os.path.abspath(name)
    sys.path.insert(0, os.path.dirname(path))
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
    if spec is None:
        raise ImportError(f"{name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def plain(value):
    """NumPy scalars and other numbers as JSON knows them."""
    if isinstance(value, (str, bool, type(None))):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        return value.item()
    return value


def parameter(name, given):
    """{"x": (0, 1)}, {"gas": ["argon", "oxygen"]}, {"on": bool} or the keys of dmo's problem files."""
    if isinstance(given, dict):
        entry = {key.replace("_", "-") if key == "may_be_nan" else key: plain(value) for key, value in given.items()}
    elif given is bool:
        entry = {"kind": "boolean"}
    elif isinstance(given, (list, tuple)) and given and all(isinstance(v, str) for v in given):
        entry = {"kind": "categorical", "choices": list(given)}
    elif isinstance(given, (list, tuple)) and len(given) == 2:
        entry = {"min": plain(given[0]), "max": plain(given[1])}
    elif isinstance(given, range) and given.step == 1:
        entry = {"kind": "integer", "min": given.start, "max": given.stop - 1}
    else:
        raise TypeError(f"parameter {name}: write (min, max), range(first, last + 1), a list of labels, bool or a dict")
    entry.setdefault("id", name)
    return entry


def output(name, given):
    """{"mass": "minimize"}, {"stress": ("at-most", 200)} or the keys of dmo's problem files."""
    if isinstance(given, str):
        entry = {"role": given}
    elif isinstance(given, (list, tuple)) and len(given) == 2:
        entry = {"role": given[0], "bound": plain(given[1])}
    elif isinstance(given, dict):
        entry = {"may-be-nan" if key == "may_be_nan" else key: plain(value) for key, value in given.items()}
    else:
        raise TypeError(f"output {name}: write a role, (role, bound) or a dict")
    if "role" in entry:
        entry["role"] = entry["role"].replace("_", "-").replace("maximise", "maximize").replace("minimise", "minimize")
    entry.setdefault("id", name)
    return entry


def described(module, function):
    """The problem of a module: what it says in `parameters` and `outputs`, and the function that evaluates a point."""
    evaluate = getattr(module, function, None)
    if not callable(evaluate):
        raise AttributeError(f"the module has no function {function}(x)")
    for name in ("parameters", "outputs"):
        if not isinstance(getattr(module, name, None), dict):
            raise AttributeError(f"the module has no dict '{name}'")
    problem = {"parameter": [parameter(n, p) for n, p in module.parameters.items()],
               "output": [output(n, o) for n, o in module.outputs.items()]}
    return problem, evaluate


def value_of(entry, numbers):
    kind = entry.get("kind", "real")
    if kind == "categorical":
        values = [entry["choices"][int(v)] for v in numbers]
    elif kind == "boolean":
        values = [v != 0 for v in numbers]
    elif kind == "integer":
        values = [int(v) for v in numbers]
    else:
        values = list(numbers)
    if not entry.get("count"):
        return values[0]
    # Whoever has loaded NumPy wants arrays.
    numpy = sys.modules.get("numpy")
    if numpy is None or kind == "categorical":
        return values
    array = numpy.array(values)
    return array.reshape(-1, entry["columns"]) if entry.get("columns") else array


def flat(value):
    if hasattr(value, "ravel"):
        return [float(v) for v in value.ravel()]
    if isinstance(value, (list, tuple)):
        return [v for item in value for v in flat(item)]
    return [float(value)]


def numbers_of(answer, outputs, partial=False):
    """The outputs in their order; NaN for what is not known."""
    if not isinstance(answer, dict):
        single = len(outputs) == 1 and not outputs[0].get("count")
        values = [answer] if single and not isinstance(answer, (list, tuple)) else list(answer)
        if len(values) != len(outputs):
            raise ValueError(f"{len(values)} outputs instead of {len(outputs)}")
        answer = {entry["id"]: value for entry, value in zip(outputs, values)}
    unknown = set(answer) - {entry["id"] for entry in outputs}
    if unknown:
        raise KeyError(f"there is no output {', '.join(sorted(map(str, unknown)))}")
    numbers = []
    for entry in outputs:
        width = entry.get("count") or 1
        if entry["id"] not in answer and not partial:
            raise KeyError(f"the output {entry['id']} is missing")
        values = flat(answer[entry["id"]]) if entry["id"] in answer else [math.nan] * width
        if len(values) != width:
            raise ValueError(f"{entry['id']}: {len(values)} numbers instead of {width}")
        numbers += values
    return numbers


def wants(function):
    """Which of seed and fidelity the function takes."""
    try:
        names = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return []
    return [name for name in ("seed", "fidelity") if name in names]


def serve(problem, evaluate):
    inputs, outputs = problem["parameter"], problem["output"]
    widths = [entry.get("count") or 1 for entry in inputs]
    total = sum(entry.get("count") or 1 for entry in outputs)
    extras = wants(evaluate)
    size = 24 + 8 * sum(widths)
    while True:
        request = struct.unpack(f"<QQQ{sum(widths)}d", receive(size))
        point, start = {}, 3
        for entry, width in zip(inputs, widths):
            point[entry["id"]] = value_of(entry, request[start:start + width])
            start += width
        known = {"seed": request[1], "fidelity": request[2]}
        status, numbers, message = OK, [math.nan] * total, ""
        try:
            numbers = numbers_of(evaluate(point, **{name: known[name] for name in extras}), outputs)
        except Exception as error:  # the model's, whatever it is
            message = f"{type(error).__name__}: {error}"
            status = FAILED
            if any(base.__name__ == "Infeasible" for base in type(error).__mro__):
                status, message = INFEASIBLE, str(error) or "no answer at this point"
                numbers = numbers_of(getattr(error, "outputs", None) or {}, outputs, partial=True)
            else:
                traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        text = message.encode("utf-8", "replace")[:4000]
        send(struct.pack(f"<qQ{total}d", status, len(text), *numbers) + text)


def main():
    name, function, folder, options = sys.argv[1:5]
    try:
        module = load(name, folder)
        if options:
            if not hasattr(module, "setup"):
                raise AttributeError("options are given, but the module has no function setup(**options)")
            module.setup(**json.loads(options))
        problem, evaluate = described(module, function)
        text, flag = json.dumps(problem), 0
    except BaseException as error:
        traceback.print_exc()
        text, flag = f"{type(error).__name__}: {error}", 1
    sys.stdout.flush()
    sys.stderr.flush()
    data = text.encode("utf-8", "replace")
    send(struct.pack("<QQ", flag, len(data)) + data)
    if flag == 0:
        serve(problem, evaluate)


main()
