"""Reads the SQLite file that is a study. Its layout is stated in docs/cli.md, "The study file"."""
import json
import math
import os
import sqlite3
import struct
import urllib.parse

# "dmo1" in SQLite's application_id, and the newest schema that this package knows.
APPLICATION_ID = 0x646D6F31
SCHEMA = 2
STATUSES = ("ok", "infeasible", "failed", "cancelled", "bad-input", "unsupported", "fatal", "timed-out", "crashed",
            "bad-output")
# Names of dmo's own columns in the tables that this package gives, and in the file.
OWN = {"evaluation": "_id", "status": "_status", "message": "_message", "source": "_source", "answer": "_answer",
       "decision": "_decision", "seed": "_seed", "cost": "_cost", "wall": "_wall", "worker": "_worker",
       "asked_at": "_asked_at", "answered_at": "_answered_at", "printed": "_printed"}


class Infeasible(Exception):
    """Raised by a model: this point has no answer. ``outputs`` may hold what is known of it nevertheless."""

    def __init__(self, message="", outputs=None):
        super().__init__(message)
        self.outputs = outputs


def _frame(columns):
    """A data frame, or a list of dicts without pandas; from columns by name."""
    try:
        import pandas
    except ImportError:
        names = list(columns)
        return [dict(zip(names, row)) for row in zip(*columns.values())]
    return pandas.DataFrame(columns)


def _labels(entries):
    """The names of all numbers of x or y: a block ``id`` of n numbers is ``id[0]`` to ``id[n-1]``."""
    names = []
    for entry in entries:
        count = entry["count"]
        names += [f"{entry['id']}[{k}]" for k in range(count)] if count else [entry["id"]]
    return names


class Study:
    """A study, as it was when it was read.

    ``evaluations``, ``decisions`` and ``attempts`` are read when they are first asked for.
    """

    def __init__(self, path):
        self.path = os.fspath(path)
        if not os.path.isfile(self.path):
            raise FileNotFoundError(f"{self.path}: no such study")
        with self._connect() as database:
            try:
                (application,) = database.execute("PRAGMA application_id").fetchone()
                (schema,) = database.execute("PRAGMA user_version").fetchone()
            except sqlite3.DatabaseError as error:
                raise ValueError(f"{self.path}: is not a dmo study ({error})") from None
            if application != APPLICATION_ID:
                raise ValueError(f"{self.path}: is an SQLite file of another program, not a dmo study")
            if schema > SCHEMA:
                raise ValueError(f"{self.path}: was written by a newer dmo (schema {schema}); update this package")
            words = dict(database.execute("SELECT key, value FROM study"))
        #: Everything that was asked for, as dmo keeps it.
        self.description = json.loads(words["description"])
        #: ``running``, ``finished``, ``interrupted``, …
        self.state = words.get("state", "new")
        self._parameters = self.description["spec"]["space"]["parameters"]
        self._outputs = self.description["spec"]["outputs"]["outputs"]
        #: The names of all parameters and of all outputs, blocks expanded.
        self.parameters = _labels(self._parameters)
        self.outputs = _labels(self._outputs)
        self._cache = {}

    def __repr__(self):
        return f"<dmo study {self.path}: {self.description['problem']}, {self.state}>"

    def _connect(self):
        """Read only; where the folder cannot be written, as a file that nobody changes."""
        name = urllib.parse.quote(os.path.abspath(self.path))
        try:
            database = sqlite3.connect(f"file:{name}?mode=ro", uri=True)
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            database = sqlite3.connect(f"file:{name}?mode=ro&immutable=1", uri=True)
        except sqlite3.DatabaseError:
            pass  # told in words by whoever asks first
        return _Closing(database)

    @property
    def units(self):
        """The unit of each parameter and output by its name; empty where there is none."""
        units = {}
        for entry in self._parameters + self._outputs:
            for label in _labels([entry]):
                units[label] = entry["unit"]
        return units

    @property
    def evaluations(self):
        """A row an evaluation: its number, parameters, outputs (NaN: unknown), status and what else dmo keeps."""
        if "evaluations" not in self._cache:
            self._cache["evaluations"] = _frame(self._evaluations())
        return self._cache["evaluations"]

    def _evaluations(self):
        with self._connect() as database:
            cursor = database.execute("SELECT * FROM evaluations ORDER BY _id")
            names = [column[0] for column in cursor.description]
            columns = dict(zip(names, zip(*cursor)))
            if not columns:
                columns = {name: () for name in names}
        result = {"evaluation": list(columns["_id"])}
        self._fill(result, columns, self.parameters, "_x")
        for k, entry in self._categories():
            result[k] = [entry[int(v)] if v is not None and not math.isnan(v) else None for v in result[k]]
        scalars = [label for entry in self._outputs if not entry["count"] for label in _labels([entry])]
        blocks = [label for entry in self._outputs if entry["count"] for label in _labels([entry])]
        numbers = {}
        self._fill(numbers, columns, scalars, "_scalars")
        self._fill(numbers, columns, blocks, "_observed")
        result.update((label, numbers[label]) for label in self.outputs if label in numbers)
        for name, column in OWN.items():
            if name != "evaluation":
                result[name] = list(columns[column])
        # 64 bits without a sign, which SQLite does not have.
        result["seed"] = [value & 0xFFFF_FFFF_FFFF_FFFF for value in result["seed"]]
        result["status"] = [word or "running" for word in result["status"]]
        result["message"] = [text or "" for text in result["message"]]
        result["printed"] = [text or "" for text in result["printed"]]
        return result

    def _categories(self):
        for entry in self._parameters:
            if isinstance(entry["kind"], dict) and "categorical" in entry["kind"]:
                for label in _labels([entry]):
                    yield label, list(entry["kind"]["categorical"].values())[0]

    @staticmethod
    def _fill(result, columns, labels, blob):
        """Numbers from columns of their own, or from a block of 64- or 32-bit numbers in one."""
        if blob in columns and not (labels and labels[0] in columns):
            values = [_unpack(data, len(labels)) for data in columns[blob]]
            for k, label in enumerate(labels):
                result[label] = [row[k] for row in values]
            return
        for label in labels:
            if label in columns:
                result[label] = [math.nan if value is None else value for value in columns[label]]

    @property
    def decisions(self):
        """A row a call of the search: answers known before it, points asked for and given, and what it told of itself."""
        if "decisions" not in self._cache:
            with self._connect() as database:
                rows = database.execute(
                    "SELECT id, after, requested, proposed, telemetry FROM decisions ORDER BY id").fetchall()
            told = [json.loads(row[4]) if row[4] else {} for row in rows]
            columns = {name: [row[k] for row in rows]
                       for k, name in enumerate(("decision", "after", "requested", "proposed"))}
            for name in sorted({name for entry in told for name in entry}):
                columns[name] = [float(entry.get(name, "nan")) for entry in told]
            self._cache["decisions"] = _frame(columns)
        return self._cache["decisions"]

    @property
    def attempts(self):
        """A row a try that was followed by another (``--retries``, ``--retry-failed``)."""
        if "attempts" not in self._cache:
            names = ("evaluation", "answer", "status", "message", "cost", "wall", "worker", "answered_at", "printed")
            rows = []
            with self._connect() as database:
                if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchone():
                    rows = database.execute("SELECT * FROM attempts ORDER BY rowid").fetchall()
            self._cache["attempts"] = _frame({name: [row[k] for row in rows] for k, name in enumerate(names)})
        return self._cache["attempts"]

    @property
    def front(self):
        """The feasible evaluations that no other dominates, by the study's goals; one row for one objective."""
        goals = self.description["goals"]
        columns = self._evaluations()
        rows = []
        for k, status in enumerate(columns["status"]):
            y = [columns[label][k] for label in self.outputs if label in columns]
            if status == "ok" and all(_holds(c, y[c["index"]]) for c in goals["constraints"]):
                losses = [-y[o["index"]] if o["maximize"] else y[o["index"]] for o in goals["objectives"]]
                if not any(math.isnan(v) for v in losses):
                    rows.append((losses, columns["answer"][k], k))
        kept = []
        for losses, _, k in sorted(rows, key=lambda row: row[1]):
            if not any(all(a <= b for a, b in zip(other, losses)) for other, _ in kept):
                kept = [entry for entry in kept if not all(a <= b for a, b in zip(losses, entry[0]))]
                kept.append((losses, k))
        return _frame({name: [values[k] for _, k in kept] for name, values in columns.items()})


class _Closing:
    """Closes the connection at the end of a `with`, which sqlite3's own does not."""

    def __init__(self, database):
        self.database = database

    def __enter__(self):
        return self.database

    def __exit__(self, *_):
        self.database.close()


def _holds(constraint, value):
    lower, upper = constraint.get("lower"), constraint.get("upper")
    return not math.isnan(value) and (lower is None or value >= lower) and (upper is None or value <= upper)


def _unpack(data, count):
    if data is None or len(data) not in (8 * count, 4 * count):
        return [math.nan] * count
    return struct.unpack(f"<{count}{'d' if len(data) == 8 * count else 'f'}", data)


def read(path):
    """The study in a file. Raises FileNotFoundError, or ValueError for what is no study."""
    return Study(path)
