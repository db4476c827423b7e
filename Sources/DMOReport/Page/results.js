// Results: the best design, how it came about, the front, all designs.

const app = { data: null, study: null, axis: 0 };
const S = () => app.study;
const fileName = () => S().name.replace(/[^A-Za-z0-9._-]/g, "_");
const allRows = () => Array.from({ length: S().count }, (_, r) => r);
const objectiveName = (k) => S().outputNames[S().objectives[k].output];

function mark(kind) { return make("span", { class: `mark ${KINDS[kind]}` }, `${MARKS[kind]} ${KINDS[kind]}`); }

/** All columns of some rows, as `dmo export` has them. */
function designTable(rows) {
  const s = S();
  return {
    columns: ["evaluation", ...s.inputNames, ...s.outputNames, "status", "class", "message", "source", "wall (s)"],
    rows: rows.map((r) => [s.id[r], ...s.x.map((column, k) => s.raw(k, column[r])), ...s.y.map((column) => column[r]),
      s.text(s.status[r]), KINDS[s.kind[r]], s.text(s.message[r]), s.text(s.source[r]), s.wallTimes[r]]),
  };
}

function cards() {
  const s = S();
  const card = (value, name) => make("div", { class: "card" }, make("b", {}, value), make("span", {}, name));
  const classes = [0, 1, 2].map((k) => numbers(s.bins[KINDS[k]]).reduce((a, b) => a + b, 0));
  const best = s.best !== undefined && s.objectives.length === 1
    ? [card(`${fmt(s.y[s.objectives[0].output][s.rowOf.get(s.best)])} ${s.outputs[s.objectives[0].output].unit}`,
      `best ${s.constraints.length ? "feasible " : ""}${s.outputs[s.objectives[0].output].label}`)]
    : s.front ? [card(String(s.frontTotal ?? numbers(s.front).length), "designs on the front")] : [];
  return make("div", { class: "cards" }, best, card(`${s.total} / ${s.budget}`, "evaluations"),
    card(make("span", { class: "feasible" }, `${MARKS[0]} ${classes[0]}`), "feasible"),
    card(make("span", { class: "infeasible" }, `${MARKS[1]} ${classes[1]}`), "infeasible"),
    card(make("span", { class: "failed" }, `${MARKS[2]} ${classes[2]}`), "failed"),
    card(duration(s.elapsed), "elapsed"), card(s.state, "state"));
}

/** The chosen design against bounds and what it is compared with. */
function bestData(id) {
  const s = S();
  const r = s.rowOf.get(id);
  const columns = ["output", "value", "unit", "wanted", "margin", ...s.baselines.flatMap((b) => [b.name, "change"])];
  // What is wanted first, in its order; then what was observed.
  const goals = [...s.objectives, ...s.constraints].map((g) => g.output);
  const order = [...new Set([...goals, ...s.outputs.keys()])];
  const rows = order.map((k) => {
    const output = s.outputs[k];
    const v = s.y[k][r];
    const c = s.constraints.find((c) => c.output === k);
    const margin = c ? s.margin(c, v) : NaN;
    const isOut = c && !(margin >= 0);
    return [output.label, v, output.unit, make("span", { class: c ? (isOut ? "failed" : "feasible") : "" },
      s.wish(k) + (c ? (isOut ? " ✕ violated" : " ● met") : "")), margin,
    ...s.baselines.flatMap((b) => [b.values[k], b.values[k] === null ? NaN : v - b.values[k]])];
  });
  return { columns, rows };
}

function parameterData(id) {
  const s = S();
  const r = s.rowOf.get(id);
  return {
    columns: ["parameter", "value", "unit", "from", "to", "where"],
    rows: s.parameters.map((p, k) => {
      const v = s.x[k][r];
      const share = p.isLog ? Math.log(v / p.min) / Math.log(p.max / p.min) : (v - p.min) / (p.max - p.min);
      const bar = make("span", { class: "range", role: "img", "aria-label": `at ${Math.round(100 * share)} % of the range` }, make("i"));
      bar.firstChild.style.left = `calc(${100 * Math.min(Math.max(share, 0), 1)}% - 1px)`;
      return [p.label, s.value(k, v), p.unit, s.value(k, p.min), s.value(k, p.max),
        p.isFree ? bar : "pinned"];
    }),
  };
}

function bestSection(parent) {
  const box = make("section", { class: "fig wide", id: "fig-best" });
  parent.append(box);
  const render = () => {
    const s = S();
    box.replaceChildren();
    if (s.chosen === undefined) return box.append(make("h3", {}, "No design can be ranked yet"));
    const only = selection.ids?.size === 1 ? [...selection.ids][0] : null;
    const id = only !== null && s.rowOf.has(only) ? only : s.chosen;
    const isBest = id === s.best || (s.best === undefined && s.frontSet.has(id));
    const title = id !== s.chosen ? `The selected design: evaluation ${id}`
      : s.best !== undefined ? `The best ${s.constraints.length ? "feasible " : ""}design: evaluation ${id}`
        : isBest ? `A design in the middle of the front: evaluation ${id}`
          : `No feasible design is known; nearest: evaluation ${id}, total violation ${fmt(s.nearest.violation)}`;
    const outputs = bestData(id);
    const inputs = parameterData(id);
    box.append(make("h3", {}, title),
      make("div", { class: "bar" }, make("span", { class: "spring" }),
        make("button", { onclick: () => { const d = designTable([s.rowOf.get(id)]); download(`${fileName()}-${id}`, d.columns, d.rows); } }, "CSV")),
      make("div", { class: "pair" },
        table(outputs.columns, outputs.rows), inputs.rows.length ? table(inputs.columns, inputs.rows) : ""));
    if (s.omitted.length) box.append(make("p", { class: "note" }, `Not on this page: ${s.omitted.join(", ")}; \`dmo export\` has them.`));
  };
  selection.listen(box, render);
  return render;
}

const AXES = ["evaluations", "summed cost"];
const axisTitle = () => (app.axis ? "summed cost of the evaluations (s)" : "evaluations answered");

/** Cost up to each row; of thinned rows, known only where the digest kept it. */
function costBefore() {
  const s = S();
  let sum = 0;
  return allRows().map((r) => (sum += Number.isNaN(s.costs[r]) ? s.wallTimes[r] : s.costs[r]));
}

function convergence(parent) {
  const state = { objective: 0 };
  const figure = new Figure(parent, {
    id: "convergence", title: "Best so far", wide: true,
    controls: [choice("against", AXES, app.axis, (k) => { app.axis = k; refreshAll(); }),
      make("span", { class: "objective" })],
    note: () => [drawnNote(S(), allRows()), app.axis && S().isThinned ? "Points are left out: their cost is not known after thinning." : "",
      "Points without outputs stand on the lowest line. " + VIEW_NOTE].filter(Boolean).join(" "),
    data: () => {
      const s = S();
      if (s.objectives.length === 1) {
        const b = s.improvements;
        const [answers, costs, values, ids] = [b.answers, b.costs, b.values, b.ids].map(numbers);
        return { columns: ["answers", "cost (s)", "evaluation", `best ${objectiveName(0)}`],
          rows: [...answers].map((a, k) => [a, costs[k], ids[k], values[k]]) };
      }
      const k = S().objectives[state.objective]?.output;
      return { columns: ["answers", "evaluation", "class", k === undefined ? "" : S().outputNames[k]],
        rows: k === undefined ? [] : allRows().map((r) => [S().answer[r], S().id[r], KINDS[S().kind[r]], S().y[k][r]]) };
    },
    draw: () => {
      const s = S();
      const objective = s.objectives[state.objective];
      if (!objective) return null;
      const y = s.y[objective.output];
      const showPoints = !(app.axis && s.isThinned);
      const costs = app.axis ? costBefore() : null;
      const at = (r) => (app.axis ? costs[r] : s.answer[r]);
      const rows = showPoints ? drawable(s, allRows()) : [];
      const b = s.improvements;
      const steps = numbers(b.values);
      const fine = rows.filter((r) => Number.isFinite(y[r]));
      const range = view(fine.map((r) => y[r]), steps.length ? [steps[0], steps[steps.length - 1]] : []);
      const [low, high] = range ?? [Math.min(...fine.map((r) => y[r])), Math.max(...fine.map((r) => y[r]))];
      const rug = range ? low + 0.02 * (high - low) : low - 0.04 * (high - low);
      const traces = classTraces(s, rows, at, (r) => (Number.isFinite(y[r]) ? y[r] : rug));
      if (s.objectives.length === 1 && steps.length) {
        const x = [...numbers(app.axis ? b.costs : b.answers)];
        const values = [...steps];
        x.push(app.axis ? s.cost : s.answer[s.count - 1] ?? s.total);
        values.push(values[values.length - 1]);
        traces.push({ type: "scatter", mode: "lines", name: s.constraints.length ? "best feasible" : "best",
          x, y: values, line: { shape: "hv", color: css("--ink"), width: 2 }, hovertemplate: "%{x}: %{y}<extra>best so far</extra>" });
      } else if (s.objectives.length > 1) {
        const front = rows.filter((r) => s.frontSet.has(s.id[r]));
        traces.push({ type: "scatter", mode: "markers", name: "on the front", x: front.map(at), y: front.map((r) => y[r]),
          customdata: front.map((r) => s.id[r]), hovertemplate: "evaluation %{customdata}<br>%{y}<extra>front</extra>",
          marker: { symbol: "star", size: 11, color: css("--ink") } });
      }
      return { traces, layout: { xaxis: { title: { text: axisTitle() } },
        yaxis: { title: { text: s.outputNames[objective.output] }, range } } };
    },
    ready: (plot) => plot.on("plotly_click", (e) => pick(e)),
  });
  if (S().objectives.length > 1) {
    figure.element.querySelector(".objective").append(choice("objective", S().objectives.map((_, k) => objectiveName(k)), 0,
      (k) => { state.objective = k; figure.refresh(); }));
    figure.element.querySelector("h3").textContent = "Objectives over the study";
  }
}

/** A click on a point chooses its design. */
function pick(event) {
  const id = event.points?.[0]?.customdata;
  if (typeof id === "number") selection.set(new Set([id]), null);
}

function paretoFront(parent) {
  const state = { a: 0, b: 1 };
  const output = (k) => S().objectives[k].output;
  const figure = new Figure(parent, {
    id: "front", title: "Pareto front", wide: true, height: 440,
    controls: [choice("across", S().objectives.map((_, k) => objectiveName(k)), 0, (k) => { state.a = k; figure.refresh(); }),
      choice("up", S().objectives.map((_, k) => objectiveName(k)), 1, (k) => { state.b = k; figure.refresh(); }),
      make("button", { onclick: () => selection.set(null, null) }, "Select none")],
    note: () => {
      const hidden = allRows().filter((r) => !Number.isFinite(S().y[output(state.a)][r])).length;
      return [drawnNote(S(), allRows()), "Drag a box to select designs in every plot and table; a click chooses one.",
        hidden ? `${hidden} points without outputs cannot stand here.` : "", VIEW_NOTE].filter(Boolean).join(" ");
    },
    data: () => designTable([...numbers(S().front)].map((id) => S().rowOf.get(id))),
    draw: () => {
      const s = S();
      const [x, y] = [s.y[output(state.a)], s.y[output(state.b)]];
      const rows = drawable(s, allRows()).filter((r) => Number.isFinite(x[r]) && Number.isFinite(y[r]));
      const front = rows.filter((r) => s.frontSet.has(s.id[r])).sort((p, q) => x[p] - x[q]);
      const traces = classTraces(s, rows, (r) => x[r], (r) => y[r]);
      traces.push({ type: "scatter", mode: s.objectives.length === 2 ? "lines+markers" : "markers", name: "front",
        x: front.map((r) => x[r]), y: front.map((r) => y[r]), customdata: front.map((r) => s.id[r]),
        line: { color: css("--ink"), width: 1, shape: "hv", dash: "dot" },
        marker: { symbol: "star", size: 11, color: css("--ink") },
        hovertemplate: "evaluation %{customdata}<br>%{x}, %{y}<extra>front</extra>" });
      for (const trace of traces) {
        trace.selectedpoints = selection.ids
          ? trace.customdata.flatMap((id, k) => (selection.ids.has(id) ? [k] : [])) : null;
        trace.unselected = { marker: { opacity: 0.12 } };
      }
      const feasible = rows.filter((r) => s.kind[r] === 0);
      const base = feasible.length >= 30 ? feasible : rows;
      return { traces, layout: { dragmode: "select",
        xaxis: { title: { text: s.outputNames[output(state.a)] }, range: view(base.map((r) => x[r]), front.map((r) => x[r])) },
        yaxis: { title: { text: s.outputNames[output(state.b)] }, range: view(base.map((r) => y[r]), front.map((r) => y[r])) } } };
    },
    ready: (plot, figure) => {
      plot.on("plotly_selected", (e) => selection.set(e ? new Set(e.points.map((p) => p.customdata)) : null, plot));
      plot.on("plotly_deselect", () => selection.set(null, null));
      plot.on("plotly_click", pick);
      selection.listen(plot, () => figure.refresh());
    },
  });
}

function hypervolume(parent) {
  new Figure(parent, {
    id: "hypervolume", title: "Hypervolume",
    note: () => {
      const v = S().hypervolume;
      return v ? `Volume that the front dominates, up to ${v.reference.map(fmt).join(", ")}: the worst of the front and a tenth of its extent beyond.` : "";
    },
    data: () => {
      const v = S().hypervolume;
      if (!v) return { columns: [], rows: [] };
      const [answers, costs, values] = [v.answers, v.costs, v.values].map(numbers);
      return { columns: ["answers", "cost (s)", "hypervolume"], rows: [...answers].map((a, k) => [a, costs[k], values[k]]) };
    },
    draw: () => {
      const v = S().hypervolume;
      if (!v) return null;
      return { traces: [{ type: "scatter", mode: "lines+markers", x: [...numbers(app.axis ? v.costs : v.answers)], y: [...numbers(v.values)],
        line: { shape: "hv", color: palette()[0] }, marker: { size: 4 }, name: "hypervolume" }],
      layout: { xaxis: { title: { text: axisTitle() } }, yaxis: { title: { text: "hypervolume" }, rangemode: "tozero" } } };
    },
  });
}

/** Where a bin ends, in answers. */
const binEnds = () => { const s = S(); return numbers(s.bins.feasible).length
  ? Array.from(numbers(s.bins.feasible), (_, k) => Math.min((k + 1) * s.bins.width, s.total)) : []; };

/** Joins neighbouring bins so that at most `most` are left. */
function joined(columns, most) {
  const n = columns[0]?.length ?? 0;
  const by = Math.max(1, Math.ceil(n / most));
  const count = Math.ceil(n / by);
  return { by, columns: columns.map((c) => Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (let i = k * by; i < Math.min((k + 1) * by, n); i++) sum += c[i];
    return sum;
  })) };
}

function feasibleShare(parent) {
  const get = () => {
    const s = S();
    const { by, columns } = joined(KINDS.map((kind) => numbers(s.bins[kind])), 40);
    const ends = columns[0].map((_, k) => Math.min((k + 1) * by * s.bins.width, s.total));
    return { columns, ends, width: by * s.bins.width };
  };
  new Figure(parent, {
    id: "share", title: "Feasible, infeasible, failed",
    note: () => (get().width > 1 ? `Share among ${get().width} answers each.` : ""),
    data: () => {
      const { columns, ends } = get();
      return { columns: ["up to answer", ...KINDS], rows: ends.map((e, k) => [e, ...columns.map((c) => c[k])]) };
    },
    draw: () => {
      const { columns, ends } = get();
      if (!ends.length) return null;
      const colours = kindColours();
      return { traces: KINDS.map((kind, j) => ({ type: "scatter", mode: "lines+markers", name: kind, x: ends,
        y: ends.map((_, k) => columns[j][k] / (columns[0][k] + columns[1][k] + columns[2][k])),
        line: { color: colours[j], dash: DASHES[j] }, marker: { symbol: SYMBOLS[j], color: colours[j], size: 7 } })),
      layout: { xaxis: { title: { text: "evaluations answered" } }, yaxis: { title: { text: "share" }, range: [-0.03, 1.03], tickformat: ".0%" } } };
    },
  });
}

function constraintHistory(parent) {
  const get = () => {
    const s = S();
    const all = [...s.bins.violated, ...s.bins.known].map(numbers);
    const { by, columns } = joined(all, 40);
    const m = s.constraints.length;
    const ends = (columns[0] ?? []).map((_, k) => Math.min((k + 1) * by * s.bins.width, s.total));
    return { violated: columns.slice(0, m), known: columns.slice(m), ends, width: by * s.bins.width };
  };
  const symbols = ["circle", "square", "triangle-up", "diamond", "cross", "star", "hexagon", "pentagon"];
  new Figure(parent, {
    id: "constraints", title: "Constraint violations",
    note: () => `Share of the answers that violate each bound, among ${get().width} answers each.`,
    data: () => {
      const { violated, known, ends } = get();
      const names = S().constraints.map((c) => `${S().outputs[c.output].label} ${S().limits(c)}`);
      return { columns: ["up to answer", ...names.flatMap((n) => [`violates ${n}`, `of`])],
        rows: ends.map((e, k) => [e, ...violated.flatMap((v, j) => [v[k], known[j][k]])]) };
    },
    draw: () => {
      const { violated, known, ends } = get();
      if (!ends.length || !violated.length) return null;
      const colours = palette();
      return { names: violated.length, traces: violated.map((v, j) => ({ type: "scatter", mode: "lines+markers",
        name: `${S().outputs[S().constraints[j].output].label} ${S().limits(S().constraints[j])}`, x: ends,
        y: ends.map((_, k) => (known[j][k] ? v[k] / known[j][k] : null)),
        line: { color: colours[j % colours.length] }, marker: { symbol: symbols[j % symbols.length], size: 7 } })),
      layout: { xaxis: { title: { text: "evaluations answered" } },
        yaxis: { title: { text: "share violated" }, range: [-0.03, 1.03], tickformat: ".0%" } } };
    },
  });
}

/** All designs, sorted, filtered and selectable by hand or from the plots. */
function designs(parent) {
  const state = { which: 0, sort: 0, isDown: false, page: 0 };
  const perPage = 50;
  const box = make("section", { class: "fig wide", id: "fig-designs" });
  parent.append(box);
  const which = ["the front", "selected", "all", ...KINDS];
  const rowsOf = () => {
    const s = S();
    const tests = [(r) => s.frontSet.has(s.id[r]), (r) => selection.ids?.has(s.id[r]), () => true,
      ...[0, 1, 2].map((k) => (r) => s.kind[r] === k)];
    return allRows().filter(tests[state.which]);
  };
  const render = () => {
    const s = S();
    if (state.which === 1 && !selection.ids) state.which = 0;
    if (state.which === 0 && !s.frontSet.size) state.which = 2;
    const rows = rowsOf();
    const keys = [s.id, ...s.x, ...s.y, s.kind];
    const names = ["evaluation", ...s.inputNames, ...s.outputNames, "class"];
    const key = keys[Math.min(state.sort, keys.length - 1)];
    rows.sort((p, q) => (state.isDown ? key[q] - key[p] : key[p] - key[q]) || s.id[p] - s.id[q]);
    const pages = Math.max(1, Math.ceil(rows.length / perPage));
    state.page = Math.min(state.page, pages - 1);
    const shown = rows.slice(state.page * perPage, (state.page + 1) * perPage);
    const heads = names.map((name, k) => make("th", { scope: "col", "aria-sort": k === state.sort ? (state.isDown ? "descending" : "ascending") : "none" },
      make("button", { onclick: () => { state.isDown = state.sort === k && !state.isDown; state.sort = k; render(); } },
        name + (k === state.sort ? (state.isDown ? " ▾" : " ▴") : ""))));
    const body = shown.map((r) => make("tr", { class: selection.ids?.has(s.id[r]) ? "chosen" : undefined },
      make("td", {}, make("button", { title: "choose this design", onclick: () => selection.set(new Set([s.id[r]]), null) }, String(s.id[r]))),
      s.x.map((column, k) => make("td", {}, s.value(k, column[r]))), s.y.map((column) => make("td", {}, fmt(column[r]))),
      make("td", { class: "text" }, mark(s.kind[r]), s.message[r] >= 0 ? ` ${s.text(s.message[r])}` : "")));
    box.replaceChildren(make("h3", {}, "Designs"),
      make("div", { class: "bar" }, choice("show", which.map((w, k) => (k === 1 ? `selected (${selection.ids?.size ?? 0})` : w)), state.which,
        (k) => { state.which = k; state.page = 0; render(); }),
      make("span", { id: "designs-count" }, `${rows.length} designs`),
      make("button", { disabled: state.page === 0, onclick: () => { state.page--; render(); } }, "‹"),
      make("span", {}, `page ${state.page + 1} of ${pages}`),
      make("button", { disabled: state.page + 1 >= pages, onclick: () => { state.page++; render(); } }, "›"),
      make("span", { class: "spring" }),
      make("button", { onclick: () => { const d = designTable(rows); download(`${fileName()}-designs`, d.columns, d.rows); } }, "CSV")),
      s.thinning ? make("p", { class: "note" }, s.thinning) : "",
      make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "designs" },
        make("table", {}, make("thead", {}, make("tr", {}, heads)), make("tbody", {}, body))));
  };
  selection.listen(box, (ids) => { if (ids && ids.size > 1) { state.which = 1; state.page = 0; } render(); });
  return render;
}
