// Several studies side by side.

function comparison(panel) {
  const c = app.data.comparison;
  const grid = make("div", { class: "grid" });
  panel.append(make("h2", {}, "Comparison"), c.warnings.map((text) => make("p", { class: "hint" }, text)), grid);
  const box = make("section", { class: "fig wide", id: "fig-groups" });
  const columns = ["group", "seeds", "measure", "median", "lower quartile", "upper quartile", "best", "worst"];
  const rows = c.groups.map((g) => [g.name, g.seeds, c.measure, g.median, g.lower, g.upper, g.best, g.worst]);
  box.append(make("h3", {}, c.title), table(columns, rows));
  if (c.tests.length) {
    box.append(make("h3", {}, "Paired tests"), table(["pair", "seeds in common", "median difference", "wins", "losses", "ties", "Wilcoxon p", "sign test p"],
      c.tests.map((t) => [t.pair, t.pairs, t.difference, t.wins, t.losses, t.ties, t.wilcoxon ?? NaN, t.sign ?? NaN])));
  }
  grid.append(box);
  const dashes = ["solid", "dash", "dot", "dashdot", "longdash"];
  const symbols = ["circle", "square", "diamond", "triangle-up", "cross"];
  new Figure(grid, {
    id: "curves", title: "Median and quartiles over the evaluations", wide: true,
    note: "Thick lines: the median of the seeds; bands: between the quartiles.",
    data: () => ({ columns: ["group", "answers", "median", "lower quartile", "upper quartile"], rows: c.groups.flatMap((g) => {
      const [x, m, l, u] = [g.curve.answers, g.curve.median, g.curve.lower, g.curve.upper].map(numbers);
      return [...x].map((v, k) => [g.name, v, m[k], l[k], u[k]]);
    }) }),
    draw: () => {
      const colours = palette();
      const traces = c.groups.flatMap((g, j) => {
        const [x, m, l, u] = [g.curve.answers, g.curve.median, g.curve.lower, g.curve.upper].map((column) => [...numbers(column)]);
        const known = x.map((_, k) => k).filter((k) => Number.isFinite(l[k]) && Number.isFinite(u[k]));
        return [{ type: "scatter", mode: "lines", x: [...known.map((k) => x[k]), ...known.map((k) => x[k]).reverse()], y: [...known.map((k) => u[k]), ...known.map((k) => l[k]).reverse()],
          fill: "toself", fillcolor: `${colours[j % colours.length]}28`, line: { width: 0 }, hoverinfo: "skip", showlegend: false },
        { type: "scatter", mode: "lines", name: g.name, x, y: m, line: { color: colours[j % colours.length], dash: dashes[j % dashes.length], width: 2.4 } }];
      });
      return { traces, layout: { xaxis: { title: { text: "evaluations answered" } }, yaxis: { title: { text: c.measure } } } };
    },
  });
  new Figure(grid, {
    id: "finals", title: "Where each seed ended", wide: true,
    data: () => ({ columns: ["group", "seed", c.measure, "study"], rows: c.groups.flatMap((g) => g.finals.map((f) => [g.name, f.seed, f.value ?? NaN, f.study])) }),
    draw: () => ({ traces: c.groups.map((g, j) => ({ type: "box", name: g.name, y: g.finals.map((f) => f.value ?? null), boxpoints: "all", jitter: 0.4, pointpos: 0,
      text: g.finals.map((f) => `seed ${f.seed}`), marker: { color: palette()[j % palette().length], symbol: symbols[j % symbols.length] } })),
    layout: { yaxis: { title: { text: c.measure } }, showlegend: false } }),
  });
}
