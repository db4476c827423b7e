// Parallel coordinates, brushed with Plotly's own selection boxes: a box over an axis keeps the designs inside it.

function parallelAxes() {
  const s = S();
  const axes = [];
  s.parameters.forEach((p, k) => {
    if (!p.isFree || axes.length >= 16) return;
    axes.push({ label: withUnit(p.label, p.unit), values: s.x[k], low: p.min, high: p.max, isLog: p.isLog, show: (v) => s.value(k, v) });
  });
  const goals = [...s.objectives.map((o) => o.output), ...s.constraints.map((c) => c.output)];
  for (const k of new Set(goals)) {
    if (axes.length >= 24) break;
    const sorted = finiteSorted(s.y[k]);
    if (!sorted.length) continue;
    axes.push({ label: s.outputNames[k], values: s.y[k], low: quantile(sorted, 0.01), high: quantile(sorted, 0.99), isLog: false, show: fmt, isOutput: true });
  }
  for (const axis of axes) {
    if (!(axis.high > axis.low)) axis.high = axis.low + (Math.abs(axis.low) || 1);
    axis.place = (v) => (axis.isLog ? Math.log(v / axis.low) / Math.log(axis.high / axis.low) : (v - axis.low) / (axis.high - axis.low));
  }
  return axes;
}

/** Designs inside every brushed axis; boxes on one axis add up. Null without boxes. */
function brushed(boxes, axes) {
  const s = S();
  const byAxis = new Map();
  for (const box of boxes) {
    const [x0, x1] = [Math.min(box.x0, box.x1), Math.max(box.x0, box.x1)];
    const [y0, y1] = [Math.min(box.y0, box.y1), Math.max(box.y0, box.y1)];
    for (let k = Math.max(0, Math.ceil(x0)); k <= Math.min(axes.length - 1, Math.floor(x1)); k++) {
      if (!byAxis.has(k)) byAxis.set(k, []);
      byAxis.get(k).push([y0, y1]);
    }
  }
  if (!byAxis.size) return null;
  const ids = new Set();
  for (let r = 0; r < s.count; r++) {
    let isIn = true;
    for (const [k, ranges] of byAxis) {
      const t = Math.min(Math.max(axes[k].place(axes[k].values[r]), -0.02), 1.02);
      if (!ranges.some(([low, high]) => t >= low && t <= high)) { isIn = false; break; }
    }
    if (isIn) ids.add(s.id[r]);
  }
  return ids;
}

/** Whether Plotly keeps selection boxes itself (2.13 and later); of an older one they are drawn as shapes. */
function keepsBoxes() {
  const [major, minor] = Plotly.version.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 13);
}

function parallel(parent) {
  const most = 400;
  let boxes = [];
  let isAdding = false;
  const figure = new Figure(parent, {
    id: "parallel", title: "Parallel coordinates", wide: true, height: 460,
    controls: [make("button", { onclick: () => { boxes = []; selection.set(null, null); } }, "Select none"),
      make("span", { id: "parallel-count" })],
    note: () => [S().thinning, S().count > most ? `${most} lines are drawn, evenly taken, with the front; brushes act on all designs.` : "",
      "Drag a box over an axis to keep the designs inside it, hold Shift for further axes, double click to keep all. "
      + "Solid lines are feasible, dashed infeasible, dotted failed. Outputs beyond their middle 98 % stand at the ends."].filter(Boolean).join(" "),
    data: () => designTable(selection.ids ? allRows().filter((r) => selection.ids.has(S().id[r])) : allRows()),
    draw: () => {
      const s = S();
      const axes = parallelAxes();
      if (axes.length < 2) return null;
      const chosen = selection.ids;
      const isIn = (r) => !chosen || chosen.has(s.id[r]);
      const inside = drawable(s, allRows().filter(isIn), most);
      const outside = chosen ? drawable(s, allRows().filter((r) => !isIn(r)), 150) : [];
      const colours = kindColours();
      const lines = (rows) => {
        const [x, y, ids] = [[], [], []];
        for (const r of rows) {
          axes.forEach((axis, k) => {
            const t = axis.place(axis.values[r]);
            x.push(k);
            y.push(Number.isFinite(t) ? Math.min(Math.max(t, -0.02), 1.02) : null);
            ids.push(s.id[r]);
          });
          x.push(null); y.push(null); ids.push(null);
        }
        return { x, y, customdata: ids };
      };
      const traces = [];
      if (outside.length) {
        traces.push({ type: "scatter", mode: "lines", name: "not selected", hoverinfo: "skip", ...lines(outside),
          line: { color: css("--line"), width: 0.6 } });
      }
      KINDS.forEach((kind, k) => {
        const rows = inside.filter((r) => s.kind[r] === k);
        if (!rows.length) return;
        traces.push({ type: "scatter", mode: "lines+markers", name: kind, ...lines(rows), opacity: rows.length > 60 ? 0.45 : 0.8,
          line: { color: colours[k], width: 1, dash: DASHES[k] }, marker: { symbol: SYMBOLS[k], size: 4, color: colours[k] },
          hovertemplate: "evaluation %{customdata}<extra></extra>", selected: { marker: { opacity: 1 } }, unselected: { marker: { opacity: 1 } } });
      });
      const best = s.chosen !== undefined ? s.rowOf.get(s.chosen) : undefined;
      if (best !== undefined && isIn(best)) {
        traces.push({ type: "scatter", mode: "lines+markers", name: `evaluation ${s.chosen}`, ...lines([best]),
          line: { color: css("--ink"), width: 2.5 }, marker: { symbol: "star", size: 9, color: css("--ink") } });
      }
      const count = document.getElementById("parallel-count");
      if (count) count.textContent = chosen ? `${chosen.size} of ${s.count} designs selected` : `${s.count} designs`;
      const ends = axes.flatMap((axis, k) => [[axis.low, 0, "top"], [axis.high, 1, "bottom"]].map(([v, y, anchor]) => (
        { x: k, y: y ? 1.04 : -0.04, text: axis.isOutput ? String(Number(v.toPrecision(3))) : axis.show(v), showarrow: false, yanchor: anchor, font: { size: 10, color: css("--soft") } })));
      return { traces, layout: { dragmode: "select", annotations: ends, selections: keepsBoxes() ? boxes : undefined,
        margin: { l: 30, r: 30, t: 30, b: 96 },
        legend: { orientation: "h", y: 1.1, yanchor: "bottom", x: 0 },
        shapes: [...axes.map((_, k) => ({ type: "line", x0: k, x1: k, y0: 0, y1: 1, layer: "below", line: { color: css("--soft"), width: 1 } })),
          ...(keepsBoxes() ? [] : boxes.map((box) => ({ ...box, line: { color: css("--accent"), width: 1, dash: "dot" } })))],
        xaxis: { tickvals: axes.map((_, k) => k), ticktext: axes.map((a) => a.label), tickangle: axes.length > 8 ? 40 : 0, range: [-0.4, axes.length - 0.6], showgrid: false, zeroline: false },
        yaxis: { visible: false, range: [-0.12, 1.12], fixedrange: true } } };
    },
    ready: (plot, figure) => {
      plot.addEventListener("mousedown", (e) => { isAdding = e.shiftKey; }, true);
      plot.on("plotly_selected", (e) => {
        const last = e?.range ? [{ x0: e.range.x[0], x1: e.range.x[1], y0: e.range.y[0], y1: e.range.y[1] }] : [];
        const now = keepsBoxes() ? plot.layout.selections ?? [] : [...(isAdding || !e ? boxes : []), ...last];
        const before = JSON.stringify(boxes);
        boxes = now.map(({ x0, x1, y0, y1 }) => ({ type: "rect", xref: "x", yref: "y", x0, x1, y0, y1 }));
        // Plotly also tells of boxes that it was given.
        if (JSON.stringify(boxes) === before) return;
        selection.set(brushed(boxes, parallelAxes()), plot);
        // After the event: Plotly is still within its own drawing.
        setTimeout(() => figure.refresh(), 0);
      });
      plot.on("plotly_deselect", () => { boxes = []; selection.set(null, plot); setTimeout(() => figure.refresh(), 0); });
      selection.listen(plot, (ids) => { if (!ids) boxes = []; figure.refresh(); });
    },
  });
}
