#!/usr/bin/env python3
"""Reports and the live view in a real browser: every plot draws, brushing selects what it should, nothing is loaded from
anywhere, no console error.

    Tests/Report/report.py [--pictures FOLDER]

Needs .build/release/dmo, Chromium and Plotly.js; without one of the latter two it says so and skips. Brushing is also tried
with the newest Plotly.js of PyPI.
With --pictures, screenshots in light and dark are kept there, to be looked at.
"""

import argparse
import csv
import io
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.dirname(__file__))
import chromium  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
DMO = os.environ.get("DMO", str(ROOT / ".build/release/dmo"))
PLUGINS = pathlib.Path(DMO).parent
CHECKS = 0


def check(condition, what):
    """Counts a check; the first that fails ends the test."""
    global CHECKS
    CHECKS += 1
    if not condition:
        sys.exit(f"report: FAILED: {what}")


def dmo(*words, **options):
    return subprocess.run([DMO, *map(str, words)], check=True, capture_output=True, text=True, **options).stdout


def tabs(page):
    return page.run("document.querySelectorAll('[role=tab]').length")


def drawn(page):
    """Of each plot on the shown tab: its id and how many of its traces hold points."""
    return json.loads(page.run("""JSON.stringify(figures.filter((f) => f.isShown && f.spec.draw && !f.plot.hidden).map((f) => ({
      id: f.spec.id, svg: !!f.plot.querySelector('.main-svg'),
      traces: (f.plot._fullData || []).filter((t) => t.visible === true && (t._length > 0 || t.z)).length })))"""))


def every_plot_draws(page, name, pictures):
    """Walks over the tabs as a user does, in light and dark."""
    seen = {}
    for theme in ("light", "dark"):
        page.run(f"setTheme('{theme}')")
        for k in range(tabs(page)):
            page.run(f"document.getElementById('tab-{k}').click()")
            for plot in drawn(page):
                check(plot["svg"] and plot["traces"] > 0, f"{name}, {theme}: plot {plot['id']} is empty")
                seen[plot["id"]] = plot["traces"]
            if pictures:
                time.sleep(0.3)
                page.picture(f"{pictures}/{name}-{theme}-{k}.png", whole=True)
    page.run("setTheme('light')")
    return seen


def quiet(page, name, allowed):
    """No console error, and nothing asked for but the page itself."""
    check(not page.errors, f"{name}: console says {page.errors[:3]}")
    foreign = [a for a in page.requests if not a.startswith(allowed) and not a.startswith(("data:", "blob:"))]
    check(not foreign, f"{name}: asked for {foreign[:3]}")


def exported(study):
    return list(csv.DictReader(io.StringIO(dmo("export", study, "--format", "csv"))))


def number(row, column):
    """A cell of an export by its name without the unit."""
    for key, text in row.items():
        if key == column or key.startswith(column + " ") or key.startswith(column + "["):
            return float(text) if text else math.nan
    raise KeyError(column)


def same_numbers(page, study, name):
    """The page's best values are those that `dmo show` prints, digit by digit."""
    shown = dmo("show", study)
    data = json.loads(dmo("show", study, "--json").splitlines()[0])
    front = sorted(p["id"] for p in data["front"])
    check(sorted(page.run("[...app.study.frontSet]")) == front, f"{name}: the front is another one")
    check(page.run("app.study.total") == data["evaluations"], f"{name}: another number of evaluations")
    check(page.run("app.study.feasible") == data["feasible"], f"{name}: another number of feasible designs")
    if len(front) == 1:
        cells = json.loads(page.run(
            "JSON.stringify([...document.querySelectorAll('#fig-best table')[0].querySelectorAll('tbody tr')].map((r) => [r.cells[0].textContent, r.cells[1].textContent]))"))
        for label, text in cells:
            check(any(line.split()[:2] == [label, text] for line in shown.splitlines()), f"{name}: {label} is {text} on the page only")


BOXES = """(keepsBoxes() ? document.getElementById('plot-parallel').layout.selections ?? []
  : document.getElementById('plot-parallel').layout.shapes.filter((s) => s.type === 'rect'))"""


def brush(page, study, name):
    """Boxes dragged over axes select exactly the designs that the study's export has there: one, a second with Shift,
    and one again after all were let go."""
    page.run("document.getElementById('tab-1').click()")
    page.run("document.getElementById('plot-parallel').scrollIntoView({block: 'center'})")
    page.until("document.querySelector('#plot-parallel .main-svg')", "the parallel coordinates")
    rows = [row for row in exported(study) if row["status"] != "running"]
    free = json.loads(page.run("JSON.stringify(app.study.parameters.filter((p) => p.isFree).map(({label, min, max, isLog}) => ({label, min, max, isLog})))"))

    def at(x, y):
        return json.loads(page.run(f"""(() => {{ const g = document.getElementById('plot-parallel'); const l = g._fullLayout; const b = g.getBoundingClientRect();
          return JSON.stringify([b.left + l.xaxis._offset + l.xaxis.d2p({x}), b.top + l.yaxis._offset + l.yaxis.d2p({y})]); }})()"""))

    def place(axis, row):
        v, p = number(row, free[axis]["label"]), free[axis]
        if p["isLog"]:
            return math.log(v / p["min"]) / math.log(p["max"] / p["min"])
        return (v - p["min"]) / (p["max"] - p["min"])

    def drag(axis, high, low, shift, count):
        page.drag(*at(axis - 0.2, high), *at(axis + 0.2, low), shift=shift)
        # The boxes are drawn after the selection is made.
        page.until(f"selection.ids !== null && {BOXES}.length === {count}", f"{name}: {count} boxes", timeout=60)
        boxes = json.loads(page.run(f"JSON.stringify({BOXES}.map((b) => [(b.x0 + b.x1) / 2, Math.min(b.y0, b.y1), Math.max(b.y0, b.y1)]))"))
        middle, y0, y1 = boxes[-1]
        check(abs(middle - axis) < 0.1 and abs(y0 - low) < 0.05 and abs(y1 - high) < 0.05, f"{name}: the box is not where it was dragged: {boxes}")
        expected = sorted(int(row["evaluation"]) for row in rows if all(y0 <= place(round(x), row) <= y1 for x, y0, y1 in boxes))
        got = sorted(page.run("[...selection.ids ?? []]"))
        check(got == expected, f"{name}: brushing {free[axis]['label']} selects {len(got)} designs, the export has {len(expected)}")
        said = page.run("document.getElementById('parallel-count').textContent")
        check(said.startswith(f"{len(got)} of "), f"{name}: the count says '{said}'")
        return got

    one = drag(0, 0.62, 0.18, False, 1)
    check(0 < len(one) < page.run("app.study.count"), f"{name}: the brush selects none or all")
    page.run("document.getElementById('tab-0').click()")
    said = page.run("document.getElementById('designs-count').textContent")
    check(said == f"{len(one)} designs", f"{name}: the table of designs says '{said}'")
    page.run("document.getElementById('tab-1').click()")
    two = drag(1, 0.9, 0.1, True, 2)
    check(set(two) < set(one), f"{name}: a second box does not narrow the selection")
    page.run("[...document.querySelectorAll('#fig-parallel button')].find((b) => b.textContent === 'Select none').click()")
    check(page.run("selection.ids") is None, f"{name}: 'Select none' leaves some")
    page.until(f"{BOXES}.length === 0", f"{name}: the boxes to go", timeout=60)
    drag(1, 0.7, 0.2, False, 1)
    page.run("selection.set(null, null)")


def front_selects(page, name):
    """A box around the whole front plot selects the points that stand in it."""
    page.run("document.getElementById('tab-0').click()")
    page.run("document.getElementById('plot-front').scrollIntoView({block: 'center'})")
    box = json.loads(page.run("""(() => { const g = document.getElementById('plot-front'); const l = g._fullLayout; const b = g.getBoundingClientRect();
      return JSON.stringify([b.left + l.xaxis._offset, b.top + l.yaxis._offset, l.xaxis._length, l.yaxis._length]); })()"""))
    left, top, width, height = box
    page.drag(left + 3, top + 3, left + width * 0.5, top + height - 3)
    page.until("selection.ids !== null", f"{name}: the box to select")
    middle = page.run("(() => { const l = document.getElementById('plot-front')._fullLayout; return l.xaxis.p2d(l.xaxis._length * 0.5); })()")
    values = page.run("(() => { const s = app.study; const k = s.objectives[0].output; return [...selection.ids].map((id) => s.y[k][s.rowOf.get(id)]); })()")
    check(values and all(v <= middle for v in values), f"{name}: points right of the box are selected")
    page.run("selection.set(null, null)")


def keyboard(page, name):
    """Tabs by the arrow keys."""
    page.run("document.getElementById('tab-0').focus()")
    page.key("ArrowRight", 39)
    check(page.run("document.activeElement.id") == "tab-1", f"{name}: the arrow key leads nowhere")
    check(page.run("!document.getElementById('panel-1').hidden"), f"{name}: the tab is not shown")
    page.run("document.getElementById('tab-0').click()")


def is_sealed(page, name):
    """The page's own policy stops a request that a script would make."""
    said = page.run("fetch('http://127.0.0.1:9/').then(() => 'sent', (e) => 'stopped')")
    check(said == "stopped", f"{name}: a request got out")
    check(any("Content Security Policy" in e for e in page.errors), f"{name}: it was not the policy that stopped it: {page.errors}")


def numbers_as_printed(page):
    """The page writes numbers as C's %.6g does."""
    samples = [0.0, 1.0, -1.5, 123456.0, 1234567.0, 999999.5, 0.0001, 0.00001234567, 1e-300, 2.70454e6, 1 / 3, 100000.0, 99999.95, -0.00015064]
    got = page.run(f"{json.dumps(samples)}.map(fmt)")
    wanted = ["%.6g" % v for v in samples]
    check(got == wanted, f"numbers read {got}, not {wanted}")


def make_studies(folder):
    """Small studies of every kind that the page must bear."""
    def run(name, *words):
        dmo("run", "--plugin", *words, "--study", f"{folder}/{name}.dmo", "-q", "--jobs", 1)
    tests = PLUGINS / "libtestproblems.so"
    run("opamp", PLUGINS / "libopamp.so", "--problem", "opamp-fom", "--trainer", "gradpie", "--budget", 60)
    run("front", tests, "--problem", "tnk", "--search", "nsga2", "--budget", 200)
    run("flaky", tests, "--problem", "branin-flaky", "--search", "random", "--budget", 80)
    run("hidden", tests, "--problem", "branin-hidden", "--search", "random", "--budget", 60)
    for seed in range(1, 7):
        for search in ("random", "sobol"):
            run(f"h-{search}-{seed}", tests, "--problem", "hartmann6", "--search", search, "--seed", seed, "--budget", 30)


def one_report(folder, name, pictures, width=1360):
    study = f"{folder}/{name}.dmo"
    dmo("report", study, "-o", f"{folder}/{name}.html", cwd=folder)
    with chromium.Page(width=width) as page:
        page.open(f"file://{folder}/{name}.html")
        page.until("typeof app !== 'undefined' && app.study", f"{name} to start")
        same_numbers(page, study, name)
        seen = every_plot_draws(page, name, pictures)
        if page.run("app.study.count") > 20:
            brush(page, study, name)
        if "front" in seen:
            front_selects(page, name)
        keyboard(page, name)
        numbers_as_printed(page)
        page.paper(f"{folder}/{name}.pdf")
        pages = len(re.findall(rb"/Type\s*/Page\b", pathlib.Path(f"{folder}/{name}.pdf").read_bytes()))
        check(pages >= 2, f"{name}: on paper all tabs take {pages} pages")
        quiet(page, name, f"file://{folder}/{name}.html")
        is_sealed(page, name)
    return seen


def newest_plotly(folder):
    """The Plotly.js of the newest PyPI package, or None: what Debian packages is years older."""
    python = f"{folder}/venv/bin/python"
    made = subprocess.run(["/usr/bin/python3", "-m", "venv", f"{folder}/venv"], capture_output=True, text=True)
    if made.returncode == 0:
        made = subprocess.run([python, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, "plotly"], capture_output=True, text=True)
    if made.returncode != 0:
        print(f"report: skipped the newest Plotly.js: it cannot be had: {(made.stderr or made.stdout).strip()[-200:]}")
        return None
    with zipfile.ZipFile(next(pathlib.Path(folder).glob("plotly-*.whl"))) as wheel:
        return wheel.extract("plotly/package_data/plotly.min.js", folder)


def brushes_elsewhere(folder, library):
    """Selections are what changed most between versions of Plotly.js."""
    for name in ("opamp", "front"):
        page_file = f"{folder}/{name}-newest.html"
        dmo("report", f"{folder}/{name}.dmo", "-o", page_file, "--plotly", library, "--no-pictures", cwd=folder)
        with chromium.Page() as page:
            page.open(f"file://{page_file}")
            page.until("typeof app !== 'undefined' && app.study", f"{name} to start")
            every_plot_draws(page, f"{name}, newest Plotly.js", None)
            brush(page, f"{folder}/{name}.dmo", f"{name}, newest Plotly.js")
            if name == "front":
                front_selects(page, f"{name}, newest Plotly.js")
            quiet(page, f"{name}, newest Plotly.js", f"file://{page_file}")


def large(folder):
    """A page of 10,000 evaluations with 20 parameters and 2 objectives: its size, and how long it keeps a user waiting."""
    study, file = f"{folder}/large.dmo", f"{folder}/large.html"
    dmo("run", "--plugin", PLUGINS / "libtestproblems.so", "--problem", "zdt1", "--set", "n=20", "--search", "random", "--budget", 10000, "--study", study, "-q")
    # Without what a surrogate adds: 0.2 MB, and twenty seconds of learning.
    dmo("report", study, "-o", file, "--plotly", "none", "--no-insights")
    size = os.path.getsize(file)
    check(size <= 4_700_000, f"a page of 10,000 evaluations takes {size} bytes beyond Plotly.js")
    dmo("report", study, "-o", file, "--no-insights")
    with chromium.Page() as page:
        begin = time.monotonic()
        page.open(f"file://{file}")
        page.until("typeof app !== 'undefined' && app.study && document.querySelector('.main-svg')", "the large page")
        opened = time.monotonic() - begin
        check(page.run("app.study.count") == 10000, "the large page does not hold every evaluation")
        waits = {}
        for name, script in {"insights": "document.getElementById('tab-1').click()", "diagnostics": "document.getElementById('tab-2').click()",
                             "back": "document.getElementById('tab-0').click()",
                             "selecting 5000 designs": "selection.set(new Set([...app.study.id].slice(0, 5000)), null)",
                             "theme": "setTheme('dark')"}.items():
            waits[name] = page.run(f"(() => {{ const begin = performance.now(); {script}; return (performance.now() - begin) / 1000; }})()")
        print(f"report: 10,000 evaluations: {size / 1e6:.1f} MB beyond Plotly.js, opened in {opened:.1f} s; "
              + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in waits.items()) + f"; load {os.getloadavg()[0]:.1f}")
        # A busy machine is given room: what is meant is that nothing grows with the square of the rows.
        check(opened < 20 and max(waits.values()) < 5, f"the large page is slow: {waits}")
        quiet(page, "large", f"file://{file}")


def without_plotly(folder):
    """Tables for everything, and how to get plots."""
    dmo("report", f"{folder}/opamp.dmo", "-o", f"{folder}/bare.html", "--plotly", "none")
    with chromium.Page() as page:
        page.open(f"file://{folder}/bare.html")
        page.until("typeof app !== 'undefined' && app.study", "the bare page")
        check("pip install plotly" in page.run("document.getElementById('plot-hint').textContent"), "the hint is missing")
        for k in range(tabs(page)):
            page.run(f"document.getElementById('tab-{k}').click()")
            empty = page.run("figures.filter((f) => f.isShown && f.spec.data().rows.length && !f.rows.querySelector('td')).map((f) => f.spec.id)")
            check(not empty, f"without plots, these have no table: {empty}")
        quiet(page, "bare", f"file://{folder}/bare.html")


def live(folder):
    """Evaluations arrive on the page while the study runs."""
    study = f"{folder}/live.dmo"
    run = subprocess.Popen([DMO, "run", "--plugin", str(PLUGINS / "libtestproblems.so"), "--problem", "branin-flaky", "--search", "random",
                            "--budget", "200", "--set", "work_ms=20", "--study", study, "-q"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while not os.path.exists(study):
        if run.poll() is not None:
            sys.exit(f"report: FAILED: {run.stderr.read().decode()}")
        time.sleep(0.1)
    watch = subprocess.Popen([DMO, "watch", study, f"{folder}/flaky.dmo", "--interval", "0.5"], stdout=subprocess.PIPE, text=True)
    try:
        address = watch.stdout.readline().strip()
        with chromium.Page() as page:
            page.open(address)
            page.until("typeof app !== 'undefined' && app.study", "the live page")
            before = page.run("app.study.total")
            page.until(f"app.study.total > {before + 20}", "evaluations to arrive")
            page.until("app.study.state === 'finished'", "the end of the study", timeout=300)
            page.until("app.study.total === 200 && app.study.count === 200", "the last evaluations")
            ids = page.run("[...app.study.id]")
            check(sorted(ids) == list(range(1, 201)), "evaluations were lost or came twice")
            same_numbers(page, study, "live")
            every_plot_draws(page, "live", None)
            # The other study of the same address.
            names = json.loads(page.run("JSON.stringify([...document.querySelectorAll('header select option')].map((o) => o.textContent))"))
            check(sorted(names) == ["flaky", "live"], f"the live page lists {names}")
            page.run("(() => { const s = document.querySelector('header select'); "
                     f"s.value = {names.index('flaky')}; s.dispatchEvent(new Event('change')); }})()")
            page.until("app.study.name === 'flaky' && app.study.total === 80", "the other study", timeout=60)
            every_plot_draws(page, "the other study", None)
            quiet(page, "live", address)
    finally:
        watch.terminate()
        watch.wait()
        run.wait()


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pictures")
    words.add_argument("--studies", help="a folder of studies to report, in place of those that the test makes")
    given = words.parse_args()
    if not chromium.find():
        print("report: skipped: Chromium is not installed (Debian package chromium)")
        return
    try:
        chromium.Page().close()
    except (RuntimeError, TimeoutError, OSError) as error:
        print(f"report: skipped: Chromium does not start here: {error}")
        return
    if given.pictures:
        os.makedirs(given.pictures, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dmo-report-") as folder:
        folder = os.path.realpath(folder)
        if given.studies:
            for path in sorted(pathlib.Path(given.studies).glob("*.dmo")):
                os.symlink(path.resolve(), f"{folder}/{path.name}")
                print(path.stem, one_report(folder, path.stem, given.pictures))
            print(f"report: {CHECKS} checks passed")
            return
        make_studies(folder)
        said = subprocess.run([DMO, "report", f"{folder}/flaky.dmo", "-o", f"{folder}/x.html", "--no-insights"], capture_output=True, text=True)
        if "Plotly.js was not found" in said.stderr:
            print("report: skipped: Plotly.js is not installed (Debian package python3-plotly, or DMO_PLOTLY)")
            return
        plots = set()
        for name in ("opamp", "front", "flaky", "hidden"):
            plots |= set(one_report(folder, name, given.pictures))
        seeds = [f"{folder}/h-{s}-{k}.dmo" for s in ("random", "sobol") for k in range(1, 7)]
        dmo("report", *seeds, "-o", f"{folder}/compare.html", "--no-insights", "--no-pictures")
        with chromium.Page() as page:
            page.open(f"file://{folder}/compare.html")
            page.until("typeof app !== 'undefined' && app.study", "the comparison")
            plots |= set(every_plot_draws(page, "compare", given.pictures))
            quiet(page, "compare", f"file://{folder}/compare.html")
        wanted = {"convergence", "front", "hypervolume", "share", "constraints", "parallel", "sensitivity", "contour", "slices", "parity",
                  "calibration", "telemetry", "times", "timeline", "curves", "finals", "picture-0"}
        check(wanted <= plots, f"never drawn: {wanted - plots}")
        without_plotly(folder)
        large(folder)
        library = newest_plotly(folder)
        if library:
            brushes_elsewhere(folder, library)
        live(folder)
    print(f"report: {CHECKS} checks passed")


if __name__ == "__main__":
    main()
