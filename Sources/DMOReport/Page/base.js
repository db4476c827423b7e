"use strict";
// What every other part uses: numbers, texts, elements, the data, and which designs are selected.

const KINDS = ["feasible", "infeasible", "failed"];
// Shape and colour, both, so that no plot depends on colour alone.
const SYMBOLS = ["circle", "diamond-open", "x"];
const DASHES = ["solid", "dash", "dot"];
const PATTERNS = ["", "/", "x"];
const MARKS = ["●", "◇", "✕"];

/** Columns come as little-endian numbers in base64; see Column.swift. */
function numbers(column) {
  if (!column) return [];
  if (Array.isArray(column)) return column;
  const text = atob(column.f8 ?? column.f4);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return column.f8 !== undefined ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
}

/** As C's %.6g, which every command of dmo prints. */
function fmt(v) {
  if (v === null || v === undefined || Number.isNaN(v)) return "–";
  if (v === 0) return Object.is(v, -0) ? "-0" : "0";
  if (!Number.isFinite(v)) return v > 0 ? "inf" : "-inf";
  const [digits, power] = v.toExponential(5).split("e");
  const e = Number(power);
  if (e < -4 || e >= 6) {
    const mantissa = digits.includes(".") ? digits.replace(/0+$/, "").replace(/\.$/, "") : digits;
    return `${mantissa}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
  }
  const plain = v.toFixed(Math.max(0, 5 - e));
  return plain.includes(".") ? plain.replace(/0+$/, "").replace(/\.$/, "") : plain;
}

const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");
const withUnit = (label, unit) => (unit && unit !== "1" ? `${label} (${unit})` : label);

function duration(s) {
  if (!(s >= 0)) return "–";
  if (s < 0.1) return `${Number((s * 1e3).toPrecision(2))} ms`;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.round(s)} s`;
  const all = Math.round(s);
  if (all < 3600) return `${Math.floor(all / 60)} min ${String(all % 60).padStart(2, "0")} s`;
  return `${Math.floor(all / 3600)} h ${String(Math.floor((all % 3600) / 60)).padStart(2, "0")} min`;
}

/** An element; texts are always texts, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(key, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

function choice(label, options, chosen, change) {
  const select = make("select", { onchange: () => change(Number(select.value)) },
    options.map((text, k) => make("option", { value: k, selected: k === chosen }, text)));
  return make("label", {}, `${label} `, select);
}

const csvCell = (v) => {
  const text = v === null || v === undefined || (typeof v === "number" && Number.isNaN(v)) ? "" : String(v);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function download(name, columns, rows) {
  const lines = [columns.map(csvCell).join(",")];
  for (const row of rows) lines.push(row.map(csvCell).join(","));
  const url = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  const link = make("a", { href: url, download: `${name}.csv` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** A study with its rows decoded: `id`, `answer`, `kind`, … as columns of `rows`, parameters `x`, outputs `y`. */
class Study {
  constructor(data) { this.take(data, null); }

  /** `old`: the same study a moment ago, whose rows stay. */
  take(data, old) {
    Object.assign(this, data);
    const fresh = data.rows.columns.map(numbers);
    let columns = fresh;
    if (old) {
      const stride = data.rows.stride;
      const answers = old.sampled[1];
      const keep = [];
      for (let r = 0; r < answers.length; r++) if ((answers[r] - 1) % stride === 0) keep.push(r);
      columns = old.sampled.map((column, k) => {
        const all = new Float64Array(keep.length + fresh[k].length);
        keep.forEach((r, i) => { all[i] = column[r]; });
        all.set(fresh[k], keep.length);
        return all;
      });
    }
    this.sampled = columns;
    this.merge(columns, data.kept.map(numbers));
    this.frontSet = new Set(numbers(data.front));
  }

  /** The thinned rows, and those of the front that are not among them, in the order of the answers. */
  merge(sampled, kept) {
    const ids = new Set(sampled[0]);
    const extra = [];
    for (let r = 0; r < kept[0].length; r++) if (!ids.has(kept[0][r])) extra.push(r);
    const all = sampled.map((column, k) => [...column, ...extra.map((r) => kept[k][r])]);
    const order = all[1].map((_, r) => r).sort((a, b) => all[1][a] - all[1][b]);
    const sorted = all.map((column) => Float64Array.from(order, (r) => column[r]));
    const own = this.own;
    const at = (name) => sorted[own.indexOf(name)];
    this.count = order.length;
    [this.id, this.answer, this.kind] = [at("id"), at("answer"), at("class")];
    [this.status, this.source, this.message] = [at("status"), at("source"), at("message")];
    [this.worker, this.start, this.wallTimes, this.costs] = [at("worker"), at("start"), at("wall"), at("cost")];
    this.x = sorted.slice(own.length, own.length + this.parameters.length);
    this.y = sorted.slice(own.length + this.parameters.length);
    this.rowOf = new Map([...this.id].map((id, r) => [id, r]));
  }

  text(place) { return Number.isNaN(place) ? "" : this.rows.texts[place]; }
  get isThinned() { return this.rows.stride > 1; }

  /** Said wherever rows are shown. */
  get thinning() {
    return this.isThinned
      ? `Every ${this.rows.stride}th of ${this.total} evaluations and the whole front are shown (${this.count}); `
        + "`dmo export` has all."
      : "";
  }

  value(parameter, v) {
    const choices = this.parameters[parameter].choices;
    return choices ? (choices[v] ?? fmt(v)) : fmt(v);
  }
  raw(parameter, v) {
    const choices = this.parameters[parameter].choices;
    return choices ? (choices[v] ?? v) : v;
  }

  get inputNames() { return this.parameters.map((p) => withUnit(p.label, p.unit)); }
  get outputNames() { return this.outputs.map((o) => withUnit(o.label, o.unit)); }

  /** What is wanted of an output, as `dmo show` says it. */
  wish(output) {
    const objective = this.objectives.find((o) => o.output === output);
    const constraint = this.constraints.find((c) => c.output === output);
    const words = [];
    if (objective) words.push(objective.maximize ? "maximised" : "minimised");
    if (constraint) words.push(this.limits(constraint));
    return words.join("; ");
  }
  limits(c) {
    const unit = this.outputs[c.output].unit ? ` ${this.outputs[c.output].unit}` : "";
    if (c.lower !== undefined && c.upper !== undefined) return `${fmt(c.lower)} … ${fmt(c.upper)}${unit}`;
    return c.lower !== undefined ? `≥ ${fmt(c.lower)}${unit}` : `≤ ${fmt(c.upper)}${unit}`;
  }
  /** How far inside its bounds a value lies, in the output's unit; negative: outside. */
  margin(c, v) {
    return Math.min(c.lower !== undefined ? v - c.lower : Infinity, c.upper !== undefined ? c.upper - v : Infinity);
  }
}

/** Numbers of a sorted copy at a share of its length. */
function quantile(sorted, share) {
  if (!sorted.length) return NaN;
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return low + 1 < sorted.length ? sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]) : sorted[low];
}
const finiteSorted = (values) => Float64Array.from([...values].filter(Number.isFinite)).sort();

/** The selection that all plots and tables share: a set of evaluation numbers, or null for none. */
const selection = {
  ids: null,
  listeners: [],
  set(ids, from) {
    this.ids = ids && ids.size ? ids : null;
    for (const listener of this.listeners) if (listener.owner !== from) listener.call(this.ids);
  },
  listen(owner, call) { this.listeners.push({ owner, call }); },
};
