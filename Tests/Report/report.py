#!/usr/bin/env python3
"""Reports and the live view in a real browser: every plot draws, brushing selects what it should, nothing is loaded from
anywhere, no console error.

    Tests/Report/report.py [--pictures FOLDER]

Needs .build/release/dmo, Chromium and Plotly.js; without one of the latter two it says so and skips.
With --pictures, screenshots in light and dark are kept there, to be looked at.
"""

import argparse
import csv
import io
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

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


def brush(page, study, name):
    """A box dragged over an axis selects exactly the designs that the study's export has there."""
    page.run("document.getElementById('tab-1').click()")
    page.run("document.getElementById('plot-parallel').scrollIntoView({block: 'center'})")
    page.until("document.querySelector('#plot-parallel .main-svg')", "the parallel coordinates")

    def at(x, y):
        return json.loads(page.run(f"""(() => {{ const g = document.getElementById('plot-parallel'); const l = g._fullLayout; const b = g.getBoundingClientRect();
          return JSON.stringify([b.left + l.xaxis._offset + l.xaxis.d2p({x}), b.top + l.yaxis._offset + l.yaxis.d2p({y})]); }})()"""))

    page.drag(*at(-0.2, 0.62), *at(0.2, 0.18))
    page.until("selection.ids !== null", f"{name}: the brush to select")
    box = json.loads(page.run("""(() => { const g = document.getElementById('plot-parallel'); const s = g.layout.selections;
      const b = s[s.length - 1]; const p = app.study.parameters.filter((p) => p.isFree)[0];
      return JSON.stringify({low: Math.min(b.y0, b.y1), high: Math.max(b.y0, b.y1), label: p.label, min: p.min, max: p.max, isLog: p.isLog}); })()"""))
    check(0.1 < box["low"] < 0.3 and 0.5 < box["high"] < 0.7, f"{name}: the brush is where it was not dragged: {box}")

    def place(v):
        if box["isLog"]:
            return math.log(v / box["min"]) / math.log(box["max"] / box["min"])
        return (v - box["min"]) / (box["max"] - box["min"])

    expected = sorted(int(row["evaluation"]) for row in exported(study)
                      if row["status"] != "running" and box["low"] <= place(number(row, box["label"])) <= box["high"])
    got = sorted(page.run("[...selection.ids]"))
    check(got == expected, f"{name}: brushing {box['label']} selects {len(got)} designs, the export has {len(expected)}")
    check(0 < len(got) < page.run("app.study.count"), f"{name}: the brush selects none or all")
    count = page.run("document.getElementById('parallel-count').textContent")
    check(count.startswith(f"{len(got)} of "), f"{name}: the count says '{count}'")
    page.run("document.getElementById('tab-0').click()")
    rows = page.run("document.getElementById('designs-count').textContent")
    check(rows == f"{len(got)} designs", f"{name}: the table of designs says '{rows}'")
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
        quiet(page, name, f"file://{folder}/{name}.html")
        is_sealed(page, name)
    return seen


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
                            "--budget", "400", "--set", "work_ms=20", "--study", study, "-q"], stderr=subprocess.PIPE)
    while not os.path.exists(study):
        if run.poll() is not None:
            sys.exit(f"report: FAILED: {run.stderr.read().decode()}")
        time.sleep(0.1)
    watch = subprocess.Popen([DMO, "watch", study, "--interval", "0.5"], stdout=subprocess.PIPE, text=True)
    try:
        address = watch.stdout.readline().strip()
        with chromium.Page() as page:
            page.open(address)
            page.until("typeof app !== 'undefined' && app.study", "the live page")
            before = page.run("app.study.total")
            page.until(f"app.study.total > {before + 20}", "evaluations to arrive")
            page.until("app.study.state === 'finished'", "the end of the study", timeout=300)
            page.until("app.study.total === 400 && app.study.count === 400", "the last evaluations")
            ids = page.run("[...app.study.id]")
            check(sorted(ids) == list(range(1, 401)), "evaluations were lost or came twice")
            same_numbers(page, study, "live")
            every_plot_draws(page, "live", None)
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
        live(folder)
    print(f"report: {CHECKS} checks passed")


if __name__ == "__main__":
    main()
