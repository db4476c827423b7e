// A figure: title, controls, plot, its data as a table and as CSV.

const hasPlots = () => typeof window.Plotly !== "undefined";
const figures = [];

function css(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
const kindColours = () => KINDS.map((kind) => css(`--${kind}`));
const palette = () => (document.documentElement.dataset.theme === "dark"
  ? ["#56b4e9", "#f0b94a", "#5fd39a", "#ff7f60", "#cc9be8", "#e6eaf0", "#a8d08d"]
  : ["#0072b2", "#c07a00", "#1b7f4b", "#c63a1d", "#8e44ad", "#444444", "#5b8c2a"]);

let revision = 0;

/** The layout that all plots share, over which a plot's own goes. */
function themed(layout, names = 0) {
  const axis = { gridcolor: css("--line"), linecolor: css("--line"), zerolinecolor: css("--line"), automargin: true };
  const result = {
    paper_bgcolor: css("--paper"), plot_bgcolor: css("--paper"),
    font: { family: "Inter, Segoe UI, Helvetica Neue, Arial, DejaVu Sans, sans-serif", size: 12, color: css("--ink") },
    margin: { l: 60, r: 18, t: 14, b: 48 }, hovermode: "closest", uirevision: "kept",
    // Zoom and hidden traces are the user's and kept; what is selected is the page's, for all plots alike.
    selectionrevision: ++revision,
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    hoverlabel: { bgcolor: css("--panel"), bordercolor: css("--line"), font: { color: css("--ink") } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: css("--soft"), activecolor: css("--accent") },
    ...layout,
  };
  for (const key of Object.keys(result)) {
    if (/^[xy]axis\d*$/.test(key)) result[key] = { ...axis, ...result[key] };
  }
  for (const key of ["xaxis", "yaxis"]) result[key] ??= { ...axis };
  // A long legend would run into the plot's buttons: it stands at the right.
  if (names > 4 && !layout.legend) result.legend = { orientation: "v", x: 1.02, xanchor: "left", y: 1, yanchor: "top" };
  return result;
}

const CONFIG = { responsive: true, displayModeBar: "hover", displaylogo: false, showTips: false, modeBarButtonsToRemove: ["sendDataToCloud", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"] };

/** A table of at most `limit` rows; cells that are numbers stand right. */
function table(columns, rows, { limit = 500, chosen, click } = {}) {
  const isText = columns.map((_, k) => rows.slice(0, 50).some((row) => typeof row[k] === "string" || row[k] instanceof Node));
  const body = make("tbody", {}, rows.slice(0, limit).map((row, r) => make("tr",
    { class: chosen?.(row, r) ? "chosen" : undefined, onclick: click ? () => click(row, r) : () => {} },
    row.map((cell, k) => make("td", { class: isText[k] ? (String(cell).length > 60 ? "text long" : "text") : undefined },
      cell instanceof Node ? cell : typeof cell === "number" ? fmt(cell) : cell ?? "–")))));
  const head = make("thead", {}, make("tr", {}, columns.map((name, k) => make("th",
    { class: isText[k] ? "text" : undefined, scope: "col" }, name))));
  const more = rows.length > limit
    ? make("p", { class: "note" }, `${limit} of ${rows.length} rows; the CSV has all of them.`) : null;
  return make("div", {}, make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "table" },
    make("table", {}, head, body)), more);
}

/**
 * `spec`: id, title, note (text or function), controls (elements), height, wide,
 * `data()`: {columns, rows}, `draw()`: {traces, layout} or null when there is nothing to draw,
 * `ready(plot, figure)`: once, after the first drawing.
 */
class Figure {
  constructor(parent, spec) {
    this.spec = spec;
    this.isStale = true;
    this.note = make("p", { class: "note" });
    this.plot = make("div", { class: "plot", id: `plot-${spec.id}`, role: "img", "aria-label": spec.title });
    if (spec.height) this.plot.style.height = `${spec.height}px`;
    this.rows = make("div");
    this.details = make("details", { ontoggle: () => this.fill() },
      make("summary", {}, "Data as a table"), this.rows);
    const bar = make("div", { class: "bar" }, spec.controls ?? [], make("span", { class: "spring" }),
      make("button", { onclick: () => { const d = spec.data(); download(`${fileName()}-${spec.id}`, d.columns, d.rows); } }, "CSV"));
    this.element = make("section", { class: spec.wide ? "fig wide" : "fig", id: `fig-${spec.id}` },
      make("h3", {}, spec.title), bar, this.note, hasPlots() && spec.draw ? this.plot : null, this.details);
    if (!hasPlots() || !spec.draw) this.details.open = true;
    parent.append(this.element);
    figures.push(this);
  }

  get isShown() { return this.element.offsetParent !== null; }

  /** Something changed: drawn at once when it can be seen, else when it is. */
  refresh() {
    this.isStale = true;
    if (this.isShown) this.draw();
  }

  draw() {
    if (!this.isStale) return;
    this.isStale = false;
    const note = this.spec.note;
    this.note.textContent = typeof note === "function" ? note() : note ?? "";
    this.note.hidden = !this.note.textContent;
    this.fill();
    if (!hasPlots() || !this.spec.draw) return;
    const made = this.spec.draw();
    this.plot.hidden = !made;
    if (!made) { this.note.textContent = "There is nothing to draw yet."; this.note.hidden = false; if (this.isDrawn) Plotly.purge(this.plot); this.isDrawn = false; return; }
    if (made.height) this.plot.style.height = `${made.height}px`;
    Plotly.react(this.plot, made.traces, themed(made.layout, made.names ?? 0), CONFIG);
    if (!this.isDrawn) {
      this.isDrawn = true;
      this.spec.ready?.(this.plot, this);
    }
  }

  fill() {
    if (!this.details.open) return;
    const d = this.spec.data();
    this.rows.replaceChildren(d.rows.length ? table(d.columns, d.rows) : make("p", { class: "note" }, "No data."));
  }
}

/** Draws what is stale and can be seen; `all`: for paper, everything. */
function drawVisible(all = false) { for (const figure of figures) if (all || figure.isShown) figure.draw(); }

/** Points by class, each class a trace of its own shape and colour. `rows`: places in the study. */
function classTraces(study, rows, x, y, extra = {}) {
  const colours = kindColours();
  return KINDS.map((kind, k) => {
    const own = rows.filter((r) => study.kind[r] === k);
    return {
      type: "scatter", mode: "markers", name: kind, legendgroup: kind,
      x: own.map(x), y: own.map(y), customdata: own.map((r) => study.id[r]),
      text: own.map((r) => study.text(study.message[r])),
      hovertemplate: `evaluation %{customdata}<br>%{x}, %{y}<br>${kind} %{text}<extra></extra>`,
      marker: { symbol: SYMBOLS[k], color: colours[k], size: k === 2 ? 8 : 7, opacity: k === 0 ? 0.75 : 0.6, line: { width: k === 1 ? 1.4 : 0 } },
      ...extra,
    };
  }).filter((trace) => trace.x.length);
}

const DRAWN = 2500;
/** At most `limit` rows, evenly taken, with those that must be there. */
function drawable(study, rows, limit = DRAWN) {
  if (rows.length <= limit) return rows;
  const step = rows.length / limit;
  const taken = new Set();
  for (let k = 0; k < limit; k++) taken.add(rows[Math.floor(k * step)]);
  for (const r of rows) if (study.frontSet.has(study.id[r])) taken.add(r);
  return [...taken].sort((a, b) => a - b);
}
const drawnNote = (study, rows, limit = DRAWN) => [study.thinning,
  rows.length > limit ? `${limit} of ${rows.length} points are drawn, evenly taken, with the front; table and CSV have all of them.` : ""]
  .filter(Boolean).join(" ");

/** The stretch that holds the middle of the values and all that must be seen, with some air; undefined: all of it. */
function view(values, must = [], isLog = false) {
  const sorted = finiteSorted(values);
  if (sorted.length < 30) return undefined;
  let [low, high] = [quantile(sorted, 0.02), quantile(sorted, 0.98)];
  for (const v of must) if (Number.isFinite(v)) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (isLog) {
    if (!(low > 0)) return undefined;
    const air = 0.06 * (Math.log10(high) - Math.log10(low)) || 0.1;
    return [Math.log10(low) - air, Math.log10(high) + air];
  }
  const air = 0.06 * (high - low) || Math.abs(high) * 0.1 || 1;
  return [low - air, high + air];
}
const VIEW_NOTE = "The view holds the middle 96 % of the points; a double click shows all.";
