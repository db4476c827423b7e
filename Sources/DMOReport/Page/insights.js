// Insights: what a surrogate learnt from the study says, and the plugin's own pictures.

const targetName = (k) => withUnit(S().insights.targets[k].label, S().insights.targets[k].unit === "1" ? "" : S().insights.targets[k].unit);
const targetNames = () => S().insights.targets.map((_, k) => targetName(k));
/** The page's output that a target is; −1 for a violation. */
const targetOutput = (k) => S().outputs.findIndex((o) => o.label === S().insights.targets[k].label);
/** The page's parameter of a coordinate. */
const parameterAt = (coordinate) => S().parameters.findIndex((p) => p.index === coordinate);

function learntNote() {
  const i = S().insights;
  return `A surrogate (trainer ${i.trainer}) learnt from ${i.learnt === i.of ? `all ${i.of}` : `every ${Math.ceil(i.of / i.learnt)}th of ${i.of}`} evaluations.`;
}

function sensitivities(parent) {
  const state = { target: 0 };
  const get = () => {
    const s = S().insights.sensitivity;
    const m = S().insights.targets.length;
    const [slope, first, total, bound] = [s.slope, s.first, s.total, s.bound].map(numbers);
    return s.parameters.map((name, i) => ({ name, slope: slope[i * m + state.target], first: first[i * m + state.target],
      total: total[i * m + state.target], bound: bound[i * m + state.target] }))
      .sort((a, b) => (b.total || 0) - (a.total || 0));
  };
  const figure = new Figure(parent, {
    id: "sensitivity", title: "Which parameters matter",
    controls: [choice("for", targetNames(), 0, (k) => { state.target = k; figure.refresh(); })],
    note: () => `${learntNote()} S1: share of the output's variance by the parameter alone; ST: with its interactions; as \`dmo sensitivity\`.`,
    data: () => ({ columns: ["parameter", "slope", "S1", "ST", "bound on ST"], rows: get().map((e) => [e.name, e.slope, e.first, e.total, e.bound]) }),
    draw: () => {
      const rows = get().slice(0, 20).reverse();
      if (!rows.some((e) => Number.isFinite(e.total))) return null;
      const names = rows.map((e) => e.name);
      return { height: Math.max(420, 60 + 26 * rows.length), traces: [
        { type: "bar", orientation: "h", name: "ST", y: names, x: rows.map((e) => e.total), marker: { color: palette()[1], pattern: { shape: "/" } } },
        { type: "bar", orientation: "h", name: "S1", y: names, x: rows.map((e) => e.first), marker: { color: palette()[0] } }],
      layout: { barmode: "group", xaxis: { title: { text: "share of the variance" }, rangemode: "tozero" }, yaxis: { automargin: true } } };
    },
  });
}

function slices(parent) {
  const state = { target: 0 };
  const figure = new Figure(parent, {
    id: "slices", title: "Slices through the chosen design", wide: true,
    controls: [choice("output", targetNames(), 0, (k) => { state.target = k; figure.refresh(); })],
    note: () => `${learntNote()} One parameter moves, the others stay as in evaluation ${S().insights.through}. Line: the surrogate's mean; band: between its `
      + "networks; markers: evaluations, wherever their other parameters are. The line is dotted where a feasible answer is unlikely (below one half).",
    data: () => ({ columns: ["parameter", "at", targetName(state.target), "low", "high", "P(feasible)"],
      rows: S().insights.slices.flatMap((slice) => {
        const p = parameterAt(slice.coordinate);
        const name = p >= 0 ? S().inputNames[p] : `x[${slice.coordinate}]`;
        const [mean, low, high, f] = [slice.mean[state.target], slice.low[state.target], slice.high[state.target], slice.feasibility].map(numbers);
        return [...numbers(slice.at)].map((v, k) => [name, p >= 0 ? S().raw(p, v) : v, mean[k], low[k], high[k], f[k]]);
      }) }),
    draw: () => {
      const s = S();
      const shown = s.insights.slices.filter((slice) => parameterAt(slice.coordinate) >= 0).slice(0, 12);
      if (!shown.length) return null;
      const columns = Math.min(window.innerWidth < 900 ? 2 : 4, shown.length);
      const rows = Math.ceil(shown.length / columns);
      const out = targetOutput(state.target);
      const traces = [];
      const layout = { showlegend: true, grid: { rows, columns, pattern: "independent", xgap: 0.12, ygap: 0.34 }, margin: { l: 50, r: 14, t: 20, b: 46 } };
      const points = out >= 0 ? drawable(s, allRows().filter((r) => Number.isFinite(s.y[out][r])), 300) : [];
      const all = out >= 0 ? view(points.map((r) => s.y[out][r])) : undefined;
      const bandColour = palette()[0];
      shown.forEach((slice, j) => {
        const p = parameterAt(slice.coordinate);
        const axes = { xaxis: `x${j ? j + 1 : ""}`, yaxis: `y${j ? j + 1 : ""}` };
        const at = [...numbers(slice.at)];
        const [mean, low, high, f] = [slice.mean[state.target], slice.low[state.target], slice.high[state.target], slice.feasibility].map((c) => [...numbers(c)]);
        for (const trace of classTraces(s, points, (r) => s.x[p][r], (r) => s.y[out][r])) {
          trace.marker.size = 4;
          traces.push({ ...trace, ...axes, showlegend: j === 0 });
        }
        traces.push({ type: "scatter", mode: "lines", x: [...at, ...at.slice().reverse()], y: [...high, ...low.slice().reverse()], fill: "toself",
          fillcolor: `${bandColour}30`, line: { width: 0 }, hoverinfo: "skip", name: "between networks", legendgroup: "band", showlegend: j === 0, ...axes });
        traces.push({ type: "scatter", mode: "lines", x: at, y: mean, line: { color: css("--ink"), width: 1, dash: "dot" }, name: "surrogate, feasible unlikely",
          legendgroup: "unlikely", showlegend: j === 0, hovertemplate: "%{x}: %{y}<extra></extra>", ...axes });
        traces.push({ type: "scatter", mode: "lines", x: at, y: mean.map((v, k) => (f[k] >= 0.5 ? v : null)), line: { color: css("--ink"), width: 2.2 },
          name: "surrogate", legendgroup: "surrogate", showlegend: j === 0, hovertemplate: "%{x}: %{y}<extra></extra>", ...axes });
        const choices = s.parameters[p].choices;
        layout[`xaxis${j ? j + 1 : ""}`] = { title: { text: s.inputNames[p], standoff: 4, font: { size: 11 } }, type: s.parameters[p].isLog ? "log" : "linear",
          ...(choices ? { tickvals: choices.map((_, k) => k), ticktext: choices } : {}), nticks: 5, tickfont: { size: 10 } };
        layout[`yaxis${j ? j + 1 : ""}`] = { range: all, tickfont: { size: 10 }, title: { text: j % columns === 0 ? targetName(state.target) : "", font: { size: 11 } } };
      });
      return { traces, layout, height: 60 + 230 * rows };
    },
  });
}

function contours(parent) {
  const found = S().insights.contours;
  const name = (i) => { const p = parameterAt(i); return p >= 0 ? S().inputNames[p] : `x[${i}]`; };
  const state = { pair: 0, target: 0 };
  const figure = new Figure(parent, {
    id: "contour", title: "Two parameters, with the probability of being feasible", height: 420,
    controls: [choice("parameters", found.map((c) => `${name(c.a)} × ${name(c.b)}`), 0, (k) => { state.pair = k; figure.refresh(); }),
      choice("output", targetNames(), 0, (k) => { state.target = k; figure.refresh(); })],
    note: () => `${learntNote()} Colours: the surrogate's mean through evaluation ${S().insights.through}; white lines: probability of being feasible `
      + "0.1, 0.5, 0.9 (constraints taken as independent); markers: evaluations, wherever their other parameters are.",
    data: () => {
      const c = S().insights.contours[state.pair];
      const [x, y, z, f] = [c.x, c.y, c.mean[state.target], c.feasibility].map(numbers);
      const rows = [];
      y.forEach((v, j) => x.forEach((u, i) => rows.push([u, v, z[j * x.length + i], f[j * x.length + i]])));
      return { columns: [name(c.a), name(c.b), targetName(state.target), "P(feasible)"], rows };
    },
    draw: () => {
      const s = S();
      const c = s.insights.contours[state.pair];
      const [x, y, z, f] = [c.x, c.y, c.mean[state.target], c.feasibility].map((column) => [...numbers(column)]);
      const grid = (v) => y.map((_, j) => v.slice(j * x.length, (j + 1) * x.length));
      const [p, q] = [parameterAt(c.a), parameterAt(c.b)];
      const rows = drawable(s, allRows(), 300);
      const traces = [{ type: "contour", x, y, z: grid(z), colorscale: "Viridis", contours: { coloring: "heatmap" }, line: { width: 0.5, color: "rgba(0,0,0,.25)" },
        colorbar: { title: { text: targetName(state.target), side: "right" }, thickness: 14 }, hovertemplate: "%{x}, %{y}: %{z}<extra></extra>" },
      { type: "contour", x, y, z: grid(f), autocontour: false, contours: { start: 0.1, end: 0.9, size: 0.4, coloring: "none", showlabels: true, labelfont: { color: "#fff", size: 12 } },
        line: { color: "#ffffff", width: 2, dash: "dash" }, showscale: false, hoverinfo: "skip", name: "P(feasible)", showlegend: false }];
      for (const trace of classTraces(s, rows, (r) => s.x[p][r], (r) => s.y.length && s.x[q][r])) {
        trace.marker.size = 6;
        trace.marker.opacity = 0.9;
        if (!String(trace.marker.symbol).endsWith("open")) trace.marker.line = { width: 1, color: "#ffffff" };
        traces.push(trace);
      }
      const r = s.rowOf.get(s.insights.through);
      if (r !== undefined) {
        traces.push({ type: "scatter", mode: "markers", name: `evaluation ${s.insights.through}`, x: [s.x[p][r]], y: [s.x[q][r]],
          marker: { symbol: "star", size: 15, color: "#ffffff", line: { color: "#000000", width: 1.5 } } });
      }
      const axis = (k) => ({ title: { text: s.inputNames[k] }, type: s.parameters[k].isLog ? "log" : "linear", showgrid: false });
      return { traces, layout: { xaxis: axis(p), yaxis: axis(q) } };
    },
    ready: (plot) => plot.on("plotly_click", pick),
  });
}

/** The plugin's pictures of one design: panels share their x axis; images have their own plot. */
function pictures(parent) {
  const all = S().pictures;
  if (!all || all.reason || !all.designs.length) {
    parent.append(make("section", { class: "fig", id: "fig-pictures" }, make("h3", {}, "The plugin's own pictures"),
      make("p", { class: "note" }, all?.reason ?? all?.designs[0]?.reason ?? "None were drawn.")));
    return;
  }
  const box = make("section", { class: "wide", id: "pictures" });
  parent.append(make("h2", {}, "The plugin's own pictures"), box);
  const state = { shown: new Set([all.designs[0].id]) };
  const groups = new Map();
  for (const design of all.designs) {
    for (const picture of design.pictures) {
      const key = picture.kind === "image" ? `image ${picture.id}` : picture.panel || `own ${picture.id}`;
      if (!groups.has(key)) groups.set(key, picture);
    }
  }
  const own = [];
  box.append(make("div", { class: "bar", role: "group", "aria-label": "designs" }, "designs: ", all.designs.map((design) => make("label", {},
    make("input", { type: "checkbox", checked: state.shown.has(design.id), onchange: (e) => {
      if (e.target.checked) state.shown.add(design.id); else state.shown.delete(design.id);
      own.forEach((figure) => figure.refresh());
    } }), ` evaluation ${design.id}${design.id === S().chosen ? " (chosen)" : ""}${design.reason ? `: ${design.reason}` : ""} `))));
  const grid = make("div", { class: "grid" });
  box.append(grid);
  const designsShown = () => all.designs.filter((d) => state.shown.has(d.id));
  let count = 0;
  for (const [key, first] of groups) {
    const members = () => designsShown().flatMap((d) => d.pictures.filter((p) => (p.kind === "image" ? `image ${p.id}` : p.panel || `own ${p.id}`) === key).map((p) => [d, p]));
    own.push(first.kind === "image" ? imageFigure(grid, `picture-${count++}`, first, members) : curveFigure(grid, `picture-${count++}`, first, members));
  }
}

const thinnedNote = (members) => (members().some(([, p]) => p.thinnedFrom)
  ? `Thinned from ${Math.max(...members().map(([, p]) => p.thinnedFrom ?? 0))} numbers: curves to the least and greatest of each stretch, images to means.` : "");

function imageFigure(parent, id, first, members) {
  const state = { design: 0 };
  return new Figure(parent, {
    id, title: first.title || first.id, height: 420,
    note: () => thinnedNote(members),
    data: () => ({ columns: ["evaluation", "row", "column", first.title || first.id], rows: members().flatMap(([d, p]) =>
      [...numbers(p.y)].map((v, k) => [d.id, Math.floor(k / p.columns), k % p.columns, v])) }),
    draw: () => {
      const shown = members();
      if (!shown.length) return null;
      const traces = shown.slice(0, 3).map(([d, p], k) => {
        const y = numbers(p.y);
        return { type: "heatmap", z: Array.from({ length: p.rows }, (_, r) => [...y.subarray(r * p.columns, (r + 1) * p.columns)]), colorscale: "Viridis",
          xaxis: `x${k ? k + 1 : ""}`, yaxis: `y${k ? k + 1 : ""}`, showscale: k === 0, colorbar: { thickness: 12, title: { text: first.yUnit === "1" ? "" : first.yUnit } },
          name: `evaluation ${d.id}`, hovertemplate: `evaluation ${d.id}<br>%{x}, %{y}: %{z}<extra></extra>` };
      });
      const layout = { grid: { rows: 1, columns: traces.length, pattern: "independent" }, margin: { l: 46, r: 12, t: 16, b: 44 } };
      traces.forEach((trace, k) => {
        layout[`yaxis${k ? k + 1 : ""}`] = { scaleanchor: `x${k ? k + 1 : ""}`, autorange: "reversed", showgrid: false, constrain: "domain" };
        layout[`xaxis${k ? k + 1 : ""}`] = { title: { text: trace.name }, showgrid: false, constrain: "domain" };
      });
      return { traces, layout };
    },
  });
}

function curveFigure(parent, id, first, members) {
  return new Figure(parent, {
    id, title: first.panel || first.title || first.id, height: 340,
    note: () => thinnedNote(members),
    data: () => ({ columns: ["evaluation", "curve", withUnit(first.xLabel || "x", first.xUnit), withUnit(first.yLabel || "y", first.yUnit)],
      rows: members().flatMap(([d, p]) => { const [x, y] = [numbers(p.x), numbers(p.y)]; return [...x].map((v, k) => [d.id, p.title || p.id, v, y[k]]); }) }),
    draw: () => {
      const shown = members();
      if (!shown.length) return null;
      const designs = [...new Set(shown.map(([d]) => d.id))];
      // Curves of other units than the first's have an axis on the right.
      const other = shown.find(([, p]) => p.yUnit !== first.yUnit)?.[1];
      const colours = palette();
      const names = [...new Set(shown.map(([, p]) => p.id))];
      const traces = shown.map(([d, p]) => {
        const which = names.indexOf(p.id);
        return { type: "scatter", mode: p.kind === "points" ? "markers" : "lines", x: [...numbers(p.x)], y: [...numbers(p.y)],
          name: (p.title || p.id) + (designs.length > 1 ? ` (${d.id})` : ""), yaxis: other && p.yUnit !== first.yUnit ? "y2" : "y",
          line: { color: colours[which % colours.length], dash: DASHES[designs.indexOf(d.id) % 3], width: 1.4 },
          marker: { color: colours[which % colours.length], symbol: ["circle", "square", "triangle-up", "cross"][which % 4], size: 7 } };
      });
      const axis = (label, unit, isLog) => ({ title: { text: withUnit(label, unit) }, type: isLog ? "log" : "linear" });
      const layout = { xaxis: axis(first.xLabel, first.xUnit, first.xLog), yaxis: axis(first.yLabel, first.yUnit, first.yLog) };
      if (other) layout.yaxis2 = { ...axis(other.yLabel, other.yUnit, other.yLog), overlaying: "y", side: "right", showgrid: false, tickmode: "auto" };
      return { traces, names: traces.length, layout: { ...layout, margin: { l: 60, r: other ? 60 : 18, t: 14, b: 48 } } };
    },
  });
}
