// The page: header, tabs, theme, several studies, news while a study runs.

const TABS = ["Results", "Insights", "Diagnostics"];
let rerender = [];
let tabs = [];
let shownTab = 0;

function refreshAll() {
  for (const figure of figures) figure.isStale = true;
  for (const call of rerender) call();
  drawVisible();
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("dmo-theme", theme); } catch { /* a page from a file may have no storage */ }
  refreshAll();
}

function firstTheme() {
  let kept = null;
  try { kept = localStorage.getItem("dmo-theme"); } catch { /* as above */ }
  return kept ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function header() {
  const { data } = app;
  const items = [make("h1", {}, S().name), make("span", { class: "soft" }, `${S().problem} · ${S().plugin}`),
    data.live ? make("span", { class: "live", id: "live", role: "status" }, "● live") : null];
  if (data.studies.length > 1) {
    items.push(choice("study", data.studies.map((s) => s.name), data.studies.indexOf(S()), (k) => { app.study = data.studies[k]; build(); }));
  }
  items.push(make("span", { class: "spring" }), make("span", { class: "soft", id: "made" }, data.made), make("button", { id: "theme", onclick: () =>
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark") }, "◐ light / dark"));
  return make("header", {}, items);
}

function tabBar(names, panels) {
  const show = (k, isFocused) => {
    shownTab = k;
    tabs.forEach((tab, j) => {
      tab.setAttribute("aria-selected", String(j === k));
      tab.tabIndex = j === k ? 0 : -1;
      panels[j].hidden = j !== k;
    });
    if (isFocused) tabs[k].focus();
    drawVisible();
  };
  tabs = names.map((name, k) => make("button", { role: "tab", id: `tab-${k}`, "aria-controls": `panel-${k}`, onclick: () => show(k), onkeydown: (e) => {
    const to = { ArrowRight: k + 1, ArrowLeft: k - 1, Home: 0, End: names.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    show((to + names.length) % names.length, true);
  } }, name));
  return { bar: make("div", { role: "tablist", "aria-label": "parts of the report" }, tabs), show };
}

function results(panel) {
  const s = S();
  const top = make("div");
  panel.append(top);
  rerender.push(() => top.replaceChildren(cards()));
  rerender.push(bestSection(panel));
  const grid = make("div", { class: "grid" });
  panel.append(grid);
  if (s.objectives.length > 1) paretoFront(grid);
  if (s.objectives.length) convergence(grid);
  if (s.objectives.length > 1) hypervolume(grid);
  feasibleShare(grid);
  if (s.constraints.length) constraintHistory(grid);
  rerender.push(designs(grid));
}

function insights(panel) {
  const found = S().insights;
  const grid = make("div", { class: "grid" });
  panel.append(grid);
  if (S().parameters.filter((p) => p.isFree).length) parallel(grid);
  if (!found || found.reason) {
    panel.append(make("p", { class: "hint" }, found?.reason ? `No surrogate: ${found.reason}.` : app.data.live
      ? "Sensitivities, slices and contours need a surrogate to be learnt: `dmo report` makes them." : "No surrogate was learnt for this page (--no-insights)."));
  } else {
    if (found.sensitivity) sensitivities(grid);
    if (found.contours.length) contours(grid);
    if (found.slices.length) slices(grid);
  }
  const own = make("div");
  panel.append(own);
  pictures(own);
}

function diagnostics(panel) {
  rerender.push(health(panel));
  const grid = make("div", { class: "grid" });
  panel.append(grid);
  if (S().insights?.parity?.length) parity(grid);
  if (S().insights?.calibration) calibration(grid);
  telemetry(grid);
  times(grid);
  timeline(grid);
  rerender.push(failures(grid));
  about(panel);
}

function build() {
  for (const figure of figures) if (figure.isDrawn) Plotly.purge(figure.plot);
  figures.length = 0;
  selection.listeners.length = 0;
  selection.ids = null;
  rerender = [];
  const parts = [results, insights, diagnostics];
  const names = TABS.slice();
  if (app.data.comparison) {
    parts.push(comparison);
    names.push("Comparison");
  }
  const panels = names.map((_, k) => make("section", { role: "tabpanel", id: `panel-${k}`, "aria-labelledby": `tab-${k}`, tabindex: -1 }));
  const { bar, show } = tabBar(names, panels);
  const page = document.getElementById("page");
  page.replaceChildren(header(), bar, make("main", {}, hasPlots() ? "" : make("p", { class: "hint", id: "plot-hint" }, app.data.plotHint), panels));
  parts.forEach((part, k) => part(panels[k]));
  for (const call of rerender) call();
  show(Math.min(shownTab, names.length - 1));
}

/** Asks for what is new; a page spends at most a tenth of its time on drawing. */
async function follow() {
  const k = app.data.studies.indexOf(S());
  const study = S();
  const last = study.sampled[1].length ? study.sampled[1][study.sampled[1].length - 1] : 0;
  let wait = app.data.live.interval;
  const sign = () => document.getElementById("live");
  try {
    const answer = await fetch(`data?study=${k}&after=${last}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status === 404 ? "the address is no longer valid" : `status ${answer.status}`);
    const news = await answer.json();
    const begin = performance.now();
    const isNew = news.study.total !== study.total || news.study.state !== study.state;
    study.take(news.study, study);
    sign().textContent = `● ${study.state === "running" ? "live" : study.state}`;
    document.getElementById("made").textContent = news.made;
    if (isNew && study === S() && !document.hidden) refreshAll();
    wait = Math.max(wait, 9 * (performance.now() - begin));
  } catch (error) {
    sign().textContent = `○ no news: ${error.message}`;
    wait = Math.max(wait, 5000);
  }
  setTimeout(follow, wait);
}

function begin() {
  app.data = JSON.parse(document.getElementById("data").textContent);
  document.documentElement.dataset.theme = firstTheme();
  app.data.studies = app.data.studies.map((study) => new Study(study));
  app.study = app.data.studies[0];
  build();
  addEventListener("beforeprint", () => drawVisible(true));
  if (app.data.live) setTimeout(follow, app.data.live.interval);
}
begin();
