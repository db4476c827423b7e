// Diagnostics: whether to trust the surrogate, how the workers fared, what failed, and what to do.

function health(parent) {
  const box = make("section", { id: "fig-health" });
  parent.append(box);
  const words = { bad: "✕ wrong", warning: "▲ warning", note: "● note", good: "✓ good" };
  const render = () => box.replaceChildren(make("h2", {}, "Health checks"), make("ul", { class: "health" }, S().health.map((check) =>
    make("li", { class: check.level }, make("b", {}, `${words[check.level]}: `), `${check.title}`,
      check.advice ? make("div", { class: "advice" }, check.advice) : ""))));
  return render;
}

function failures(parent) {
  const box = make("section", { class: "fig wide", id: "fig-failures" });
  parent.append(box);
  return () => {
    const s = S();
    const columns = ["count", "status", "message", "first", "repeat one"];
    const rows = s.failures.map((f) => [f.count, f.status, f.message || "–", f.first, make("code", { class: "command" }, f.command)]);
    box.replaceChildren(make("h3", {}, "What gave no answer, by message"), rows.length
      ? make("div", {}, make("div", { class: "bar" }, make("span", { class: "spring" }), make("button", { onclick: () =>
        download(`${fileName()}-failures`, columns, s.failures.map((f) => [f.count, f.status, f.message, f.first, f.command])) }, "CSV")), table(columns, rows))
      : make("p", { class: "note" }, "Every evaluation gave an answer."));
  };
}

function parity(parent) {
  const all = S().insights.parity;
  const state = { target: 0 };
  const figure = new Figure(parent, {
    id: "parity", title: "Surrogate against simulator",
    controls: [choice("output", all.map((p) => withUnit(p.label, p.unit === "1" ? "" : p.unit)), 0, (k) => { state.target = k; figure.refresh(); })],
    note: () => {
      const p = S().insights.parity[state.target];
      return `${S().insights.heldOut} answers were held out. ${p.label}: R² ${fmt(p.r2 === undefined ? NaN : Number(p.r2.toPrecision(3)))}, mean absolute error ${fmt(p.mae)}, `
        + `root mean square ${fmt(p.rmse)}${p.unit && p.unit !== "1" ? ` ${p.unit}` : ""}.`;
    },
    data: () => {
      const p = S().insights.parity[state.target];
      const [t, q, k] = [p.truth, p.predicted, p.classes].map(numbers);
      return { columns: ["simulated", "foretold", "class"], rows: [...t].map((v, i) => [v, q[i], KINDS[k[i]]]) };
    },
    draw: () => {
      const p = S().insights.parity[state.target];
      const [t, q, k] = [p.truth, p.predicted, p.classes].map((c) => [...numbers(c)]);
      if (!t.length) return null;
      const colours = kindColours();
      const ends = [Math.min(...t, ...q), Math.max(...t, ...q)];
      const traces = KINDS.map((kind, j) => ({ type: "scatter", mode: "markers", name: kind, x: t.filter((_, i) => k[i] === j), y: q.filter((_, i) => k[i] === j),
        marker: { symbol: SYMBOLS[j], color: colours[j], size: 7, opacity: 0.75, line: { width: j === 1 ? 1.4 : 0 } },
        hovertemplate: "simulated %{x}<br>foretold %{y}<extra></extra>" })).filter((trace) => trace.x.length);
      traces.push({ type: "scatter", mode: "lines", x: ends, y: ends, line: { color: css("--soft"), dash: "dash", width: 1 }, name: "equal", hoverinfo: "skip" });
      const unit = p.unit === "1" ? "" : p.unit;
      return { traces, layout: { xaxis: { title: { text: withUnit("simulated", unit) } }, yaxis: { title: { text: withUnit("foretold", unit) } } } };
    },
  });
}

function calibration(parent) {
  const c = S().insights.calibration;
  if (!c) return;
  new Figure(parent, {
    id: "calibration", title: "Probability of being feasible",
    note: () => `Brier score ${fmt(Number(c.brier.toPrecision(3)))} on held-out answers; always saying the mean share gives ${fmt(Number(c.constant.toPrecision(3)))}. Markers' area: answers.`,
    data: () => {
      const [p, o, n] = [c.predicted, c.observed, c.count].map(numbers);
      return { columns: ["foretold probability", "observed share", "answers"], rows: [...p].map((v, k) => [v, o[k], n[k]]) };
    },
    draw: () => {
      const [p, o, n] = [c.predicted, c.observed, c.count].map((column) => [...numbers(column)]);
      const largest = Math.max(...n);
      return { traces: [{ type: "scatter", mode: "lines", x: [0, 1], y: [0, 1], line: { color: css("--soft"), dash: "dash", width: 1 }, name: "calibrated", hoverinfo: "skip" },
        { type: "scatter", mode: "lines+markers", x: p, y: o, customdata: n, name: "surrogate", line: { color: palette()[0] },
          marker: { size: n.map((v) => 7 + 14 * Math.sqrt(v / largest)) }, hovertemplate: "%{x:.2f} → %{y:.2f}, %{customdata} answers<extra></extra>" }],
      layout: { xaxis: { title: { text: "foretold" }, range: [-0.04, 1.04] }, yaxis: { title: { text: "observed" }, range: [-0.06, 1.06] } } };
    },
  });
}

const TELEMETRY = {
  cv_error: "error of the surrogate on answers it had not learnt, 1: the mean's",
  cv_pair_error: "error of its differences along steps, 1: none foretold", trust_ratio: "gain of a step over what was promised",
  secant_cosine: "cosine between the surrogate's and the secant gradient", secant_relative_error: "relative error against the secant gradient",
  exact_cosine: "cosine to the plugin's own gradient", exact_relative_error: "relative error against the plugin's own gradient",
  training_loss: "training loss", step_length: "length of the step", predicted_improvement: "improvement that was promised",
  prediction_error: "error of what was foretold", trust_region: "side of the trust region", acquisition: "acquisition value",
};

function telemetry(parent) {
  if (!S().telemetry.names.length) return;
  const order = Object.keys(TELEMETRY);
  const rank = (n) => (order.includes(n) ? order.indexOf(n) : order.length);
  const names = () => S().telemetry.names.slice().sort((a, b) => rank(a) - rank(b));
  const state = { name: names()[0] };
  const figure = new Figure(parent, {
    id: "telemetry", title: "What the search told of its surrogate",
    controls: [choice("", names(), 0, (k) => { state.name = names()[k]; figure.refresh(); })],
    note: () => [TELEMETRY[state.name] ? `${state.name}: ${TELEMETRY[state.name]}.` : "",
      S().telemetry.stride > 1 ? `Every ${S().telemetry.stride}th decision.` : ""].join(" "),
    data: () => {
      const t = S().telemetry;
      const values = t.values.map(numbers);
      return { columns: ["after answers", ...t.names], rows: [...numbers(t.after)].map((a, k) => [a, ...values.map((v) => v[k])]) };
    },
    draw: () => {
      const t = S().telemetry;
      const k = t.names.indexOf(state.name);
      if (k < 0) return null;
      const [x, y] = [[...numbers(t.after)], [...numbers(t.values[k])]];
      const half = Math.max(2, Math.floor(y.length / 40));
      const median = y.map((_, i) => quantile(finiteSorted(y.slice(Math.max(0, i - half), i + half + 1)), 0.5));
      return { traces: [{ type: "scatter", mode: "markers", name: state.name, x, y, marker: { size: 5, opacity: 0.5, color: palette()[0] } },
        { type: "scatter", mode: "lines", name: "running median", x, y: median, line: { color: css("--ink"), width: 2 } }],
      layout: { xaxis: { title: { text: "evaluations answered" } }, yaxis: { title: { text: state.name }, range: view(y) } } };
    },
  });
}

function timeline(parent) {
  const most = 1500;
  new Figure(parent, {
    id: "timeline", title: "Workers' timeline",
    note: () => [S().count > most ? `${most} of ${S().count} evaluations are drawn, evenly taken.` : "", S().thinning].join(" "),
    data: () => ({ columns: ["evaluation", "worker", "start (s)", "wall (s)", "class"],
      rows: allRows().map((r) => [S().id[r], S().worker[r], S().start[r], S().wallTimes[r], KINDS[S().kind[r]]]) }),
    draw: () => {
      const s = S();
      const rows = drawable(s, allRows(), most);
      const workers = [...new Set(rows.map((r) => s.worker[r]))].sort((a, b) => a - b);
      const colours = kindColours();
      // Seams between bars, but a bar narrower than a pixel has the class's colour around it, so that it is seen.
      const narrow = (finiteSorted(rows.map((r) => s.start[r] + s.wallTimes[r])).at(-1) ?? 0) / 500;
      return { height: Math.min(700, 170 + 26 * workers.length), traces: KINDS.map((kind, k) => {
        const own = rows.filter((r) => s.kind[r] === k);
        return { type: "bar", orientation: "h", name: kind, base: own.map((r) => s.start[r]), x: own.map((r) => s.wallTimes[r]), y: own.map((r) => `worker ${s.worker[r]}`),
          customdata: own.map((r) => s.id[r]), width: 0.75, marker: { color: colours[k], pattern: { shape: PATTERNS[k] },
            line: { width: own.map((r) => (s.wallTimes[r] < narrow ? 1 : 0.5)), color: own.map((r) => (s.wallTimes[r] < narrow ? colours[k] : css("--paper"))) } },
          hovertemplate: `evaluation %{customdata}<br>from %{base} s, %{x} s<br>${kind}<extra></extra>` };
      }).filter((trace) => trace.x.length),
      layout: { barmode: "overlay", xaxis: { title: { text: "seconds since the start" } }, yaxis: { type: "category", categoryarray: workers.map((w) => `worker ${w}`) } } };
    },
    ready: (plot) => plot.on("plotly_click", pick),
  });
}

function times(parent) {
  const get = () => ({ edges: numbers(S().times.edges), counts: KINDS.map((kind) => numbers(S().times[kind])) });
  new Figure(parent, {
    id: "times", title: "How long evaluations took",
    note: () => `In all ${duration(S().wall)} of simulation.`,
    data: () => {
      const { edges, counts } = get();
      return { columns: ["from (s)", "to (s)", ...KINDS], rows: [...counts[0]].map((_, k) => [edges[k], edges[k + 1], ...counts.map((c) => c[k])]) };
    },
    draw: () => {
      const { edges, counts } = get();
      if (edges.length < 2) return null;
      const colours = kindColours();
      const middle = [...counts[0]].map((_, k) => Math.sqrt(edges[k] * edges[k + 1]));
      return { traces: KINDS.map((kind, k) => ({ type: "bar", name: kind, x: middle, y: [...counts[k]], width: middle.map((_, j) => (edges[j + 1] - edges[j]) * 0.92),
        marker: { color: colours[k], pattern: { shape: PATTERNS[k] } }, hovertemplate: "about %{x:.3g} s: %{y}<extra></extra>" })),
      layout: { barmode: "stack", xaxis: { type: "log", title: { text: "wall time (s)" } }, yaxis: { title: { text: "evaluations" } } } };
    },
  });
}

function about(parent) {
  const s = S();
  parent.append(make("h2", {}, "What was asked for"), table(["", ""], s.settings.map(([k, v]) => [k, make("code", { class: "command" }, v)])),
    make("p", { class: "note" }, `${s.path}; page made ${app.data.made}. ${MARKS[0]} feasible: answered, and every bound met. ${MARKS[1]} infeasible: a bound violated, or no answer at this point. `
      + `${MARKS[2]} failed: failed, crashed, too slow, or against the rules.`));
}
