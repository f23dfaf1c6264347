// SPDX-License-Identifier: BSD-3-Clause
// Draws a result, as html.c puts it into a page: tables by the browser, charts by dygraphs. What
// the result says is only ever text here, never markup.
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const r = data.result;
  const columns = data.points ? data.points.columns : {};
  const main = document.getElementById("report");
  const charts = {};

  // -- values -----------------------------------------------------------------------------------

  function digits(n) {
    const size = Math.abs(n);
    const decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return n.toLocaleString("en", { maximumFractionDigits: decimals });
  }

  function scaled(n) {
    if (n === null || n === undefined) return "";
    for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e4]])
      if (Math.abs(n) >= size) return digits(n / (unit === "k" ? 1e3 : size)) + unit;
    return digits(n);
  }

  function bits(n) {
    return scaled(n).replace(/[kMG]?$/, (unit) => ` ${unit}bit/s`);
  }

  function count(n) {
    return Number(n).toLocaleString("en");
  }

  function time(us) {
    if (us === null || us === undefined) return "";
    if (us >= 1e6) return digits(us / 1e6) + " s";
    if (us >= 1e3) return digits(us / 1e3) + " ms";
    return us >= 1 || us === 0 ? digits(us) + " µs" : digits(us * 1e3) + " ns";
  }

  function percent(share) {
    return digits(100 * share) + " %";
  }

  function words(name) {
    return name.replaceAll("_", " ");
  }

  function sum(list) {
    return list.reduce((all, n) => all + n, 0);
  }

  // -- elements ---------------------------------------------------------------------------------

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }

  function section(title, ...children) {
    if (children.every((child) => child === null)) return;
    main.append(make("h2", {}, title), ...children.filter((child) => child !== null));
  }

  function table(heads, rows, kind) {
    if (rows.length === 0) return null;
    const head = make("tr", {}, ...heads.map((text) => make("th", {}, text)));
    const body = rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
    return make("div", { class: "scroll" }, make("table", { class: kind || "" },
      make("thead", {}, head), make("tbody", {}, ...body)));
  }

  function bar(share) {
    const fill = make("i", {});
    fill.style.width = Math.min(100, 100 * share) + "%";
    return make("span", {}, make("span", { class: "bar" }, fill), percent(share));
  }

  function list(texts) {
    return texts.length > 0 ? make("ul", {}, ...texts.map((text) => make("li", {}, text))) : null;
  }

  // -- charts -----------------------------------------------------------------------------------

  const LIGHT = { text: "#5b6472", grid: "#e3e7ed", shade: "rgba(120,130,150,0.13)",
    series: ["#3b6fb6", "#d9822b", "#2a8f5b", "#b3261e", "#7b4fa6", "#00838f", "#8d6e63",
      "#556270", "#c2185b", "#9e9d24", "#4527a0"] };
  const DARK = { text: "#98a2b3", grid: "#2b323e", shade: "rgba(150,160,180,0.13)",
    series: ["#6ea8fe", "#ffb454", "#4cc38a", "#ff7b72", "#c297ff", "#4dd0e1", "#bcaaa4",
      "#b0bec5", "#f48fb1", "#dce775", "#b39ddb"] };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let isPrinting = false;

  function palette() {
    return dark.matches && !isPrinting ? DARK : LIGHT;
  }

  // What of a chart goes by the palette; all of its axes, since dygraphs merges one level deep.
  function options(c) {
    const p = palette();
    const axis = { gridLineColor: p.grid, axisLineColor: p.text };
    return { colors: p.series.slice(0, c.n),
      axes: { x: { ...c.axes.x, ...axis }, y: { ...c.axes.y, ...axis } } };
  }

  function legend(format, formatX) {
    return (shown) => {
      const at = shown.x !== undefined;
      const names = shown.series.map((s) => {
        const value = at && s.y !== undefined && s.y !== null ? ": " + format(s.y) : "";
        return `<span style="color:${s.color}"><b>${escape(s.label)}</b>${escape(value)}</span>`;
      });
      return names.concat(at ? `<span class="faint">${escape(formatX(shown.x))}</span>` : [])
        .join(" ");
    };
  }

  function escape(text) {
    return make("i", {}, text).innerHTML;
  }

  // A column of the chart is {label, values}; those without a value that is not 0 are left out.
  function chart(id, title, series, o) {
    const shown = series.filter((s) => s.values && s.values.some((v) => v !== null && v !== 0));
    const xs = o.xs || columns.t_s;
    if (shown.length === 0 || xs.length === 0) return null;
    const box = make("div",
      { class: "chart", id: "chart-" + id, role: "img", "aria-label": title });
    const below = make("div", { class: "legend" });
    const head = make("figcaption", {}, title);
    charts[id] = { n: shown.length, axes: {
      x: { axisLabelFormatter: o.formatX || ((t) => digits(t) + " s"), ...(o.axisX || {}) },
      y: { axisLabelFormatter: o.format, axisLabelWidth: 66 } } };
    charts[id].draw = () => draw(charts[id], box, below, shown, xs, o);
    if (o.isLog !== undefined) head.append(scaleSwitch(charts[id], o));
    const note = o.note ? make("div", { class: "faint" }, o.note) : null;
    return make("figure", {}, head, note, box, below);
  }

  function draw(c, box, below, shown, xs, o) {
    const rows = xs.map((x, i) => [x, ...shown.map((s) => positive(s.values[i], o.isLog))]);
    c.graph = new Dygraph(box, rows, { ...options(c), ...(o.more || {}),
      labels: ["x", ...shown.map((s) => s.label)], labelsDiv: below, legend: "always",
      legendFormatter: legend(o.format, o.formatX || ((t) => "at " + digits(t) + " s")),
      logscale: o.isLog === true, includeZero: o.isLog !== true, strokeWidth: 1.6, rightGap: 12,
      underlayCallback: o.xs ? null : shade });
  }

  // There is no logarithm of nothing.
  function positive(value, isLog) {
    return value === undefined || (isLog === true && value === 0) ? null : value;
  }

  function scaleSwitch(c, o) {
    const box = make("input", { type: "checkbox" });
    box.checked = o.isLog;
    box.addEventListener("change", () => {
      c.graph.updateOptions({ logscale: box.checked, includeZero: !box.checked });
    });
    return make("label", {}, box, " logarithmic");
  }

  // What is not measured is in the shade.
  function shade(canvas, area, graph) {
    if (!r.measured) return;
    canvas.fillStyle = palette().shade;
    for (const [from, to] of [[-1e9, r.measured.begin_s], [r.measured.end_s, 1e9]]) {
      const left = Math.max(area.x, graph.toDomXCoord(from));
      const right = Math.min(area.x + area.w, graph.toDomXCoord(to));
      if (right > left) canvas.fillRect(left, area.y, right - left, area.h);
    }
  }

  // Charts are drawn when they come into sight, so that a long page opens at once.
  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.isIntersecting) drawOnce(charts[entry.target.id.slice("chart-".length)]);
  }, { rootMargin: "400px" });

  function drawOnce(c) {
    if (!c.graph) c.draw();
  }

  function drawAll() {
    Object.values(charts).forEach(drawOnce);
  }

  function repaint() {
    for (const c of Object.values(charts)) if (c.graph) c.graph.updateOptions(options(c));
  }

  // Sizes stay, and the browser scales: of a canvas that gets another size now nothing would be
  // printed.
  function print(begins) {
    isPrinting = begins;
    drawAll();
    repaint();
  }

  // -- columns ----------------------------------------------------------------------------------

  // Counts of an interval, per second of it.
  function perSecond(values, scale) {
    if (!values) return null;
    return values.map((n, i) => {
      const span = columns.t_s[i] - (i > 0 ? columns.t_s[i - 1] : 0);
      return span > 0 && n !== null ? n * (scale || 1) / span : null;
    });
  }

  function latencies() {
    return Object.keys(r.latency).filter((name) => r.latency[name].count > 0);
  }

  // The drain makes no rate.
  function rateCharts() {
    const isOfRequests = r.scenario.load && r.scenario.load.request_rate;
    const asked = { label: "asked for", values: columns.asked };
    const rate = { format: scaled };
    return [
      chart("connections", "Connections per second", [
        isOfRequests ? {} : asked, { label: "begun", values: perSecond(columns.attempted) },
        { label: "established", values: columns.cps }], rate),
      chart("requests", "Requests per second", [
        isOfRequests ? asked : {}, { label: "answered", values: columns.rps },
        { label: "answered as asked for", values: columns.tps }], rate),
      chart("handshakes", "TLS handshakes per second", [
        { label: "TLS handshakes", values: columns.tls_hps }], rate),
      chart("throughput", "Bits per second", [
        { label: "payload received", values: columns.rx_payload_bps },
        { label: "payload sent", values: columns.tx_payload_bps },
        { label: "goodput", values: columns.goodput_bps },
        { label: "frames received", values: columns.rx_bps },
        { label: "frames sent", values: columns.tx_bps }], rate),
      chart("open", "Connections open", [{ label: "open", values: columns.open }], rate)];
  }

  const PARTS = [["p50_us", "p50"], ["p90_us", "p90"], ["p99_us", "p99"], ["p999_us", "p99.9"],
    ["max_us", "max"]];

  function latencyCharts() {
    const paths = Object.keys(columns).map((name) => name.split("."));
    const names = new Set(paths.filter(([top]) => top === "latency").map(([, name]) => name));
    return [...names].map((name) => chart("latency-" + name, words(name),
      PARTS.map(([key, label]) => ({ label, values: columns[`latency.${name}.${key}`] }))
        .filter((series) => series.values),
      { format: time, isLog: true }));
  }

  function failureCharts() {
    return [chart("failures", "Per second: what went wrong", [
      { label: "failed", values: perSecond(columns.failed) },
      { label: "segments retransmitted", values: perSecond(columns.retransmits) },
      { label: "late starts", values: perSecond(columns.late_starts) },
      { label: "requests without a free connection", values: perSecond(columns.connections_busy) }],
    { format: scaled })];
  }

  function busyCharts() {
    const cores = (role) => r.cores.filter((core) => core.role === role).length;
    const n = cores("client") || cores("server") || 1;
    const away = perSecond(columns.off_cpu_ns, 1e-9 / n);
    return [chart("busy", "Share of the time of the cores", [
      { label: "client busy", values: columns["busy.client"] },
      { label: "server busy", values: columns["busy.server"] },
      { label: "kept from its CPU", values: away }], { format: percent })];
  }

  // -- the distribution -------------------------------------------------------------------------

  // A bucket is 1 ns wide below 256 ns, above it 1/128 of the power of two below.
  function highest(low) {
    return low < 256 ? low : low + Math.pow(2, Math.floor(Math.log2(low)) - 7) - 1;
  }

  // [x, us] of each bucket: x is how often one in ten is left, so 90 % is 1, 99 % is 2.
  function distribution(h) {
    let seen = 0;
    return h.distribution.split(" ").map((bucket) => {
      const [low, n] = bucket.split(":").map(Number);
      seen += n;
      return seen < h.count ? [Math.log10(h.count / (h.count - seen)), highest(low) / 1000]
        : [Math.log10(2 * h.count), h.max_us];
    });
  }

  // What no eye tells apart is one point.
  function thinned(points, width) {
    let last = -1;
    return points.filter(([x], i) => {
      const isKept = i === points.length - 1 || last < 0 || x - last >= width;
      if (isKept) last = x;
      return isKept;
    });
  }

  function distributionChart() {
    const names = latencies();
    const rows = new Map();
    names.forEach((name, k) => {
      for (const [x, us] of thinned(distribution(r.latency[name]), 0.01)) {
        if (!rows.has(x)) rows.set(x, names.map(() => null));
        rows.get(x)[k] = us;
      }
    });
    const xs = [...rows.keys()].sort((a, b) => a - b);
    const share = (x) => 100 * (1 - Math.pow(10, -x));
    const label = (x) => Number(share(x).toFixed(Math.max(0, Math.ceil(x - 0.01) - 1))) + " %";
    const ticks = [0, Math.log10(2), 1, 2, 3, 4, 5, 6, 7, 8];
    const ticker = (from, to) => ticks.filter((x) => x <= to + 0.01)
      .map((x) => ({ v: x, label: label(x) }));
    const series = names.map((name, k) => (
      { label: words(name), values: xs.map((x) => rows.get(x)[k]) }));
    return chart("distribution", "All samples: how many took no longer than", series, {
      xs, format: time, isLog: true, formatX: label, axisX: { ticker },
      more: { connectSeparatedPoints: true },
      note: names.includes("ttlb_service") ? "ttfb and ttlb count from the instant at which a " +
        "request was due; the service times from when it was written." : null });
  }

  // -- the search -------------------------------------------------------------------------------

  function searchCharts() {
    if (!r.search) return [];
    const trials = r.search.trials;
    const bound = (value) => value === null ? null : trials.map(() => value);
    const of = (kind) => trials.map((trial) => trial.class === kind ? trial.load : null);
    const dots = { drawPoints: true, pointSize: 4, strokeWidth: 0 };
    return [chart("search", "Trials: load in " + r.search.unit, [
      { label: "low loss", values: of("low_loss") },
      { label: "high loss", values: of("high_loss") },
      { label: "generator", values: of("generator") },
      { label: "relevant lower bound", values: bound(r.search.relevant_lower_bound) },
      { label: "relevant upper bound", values: bound(r.search.relevant_upper_bound) }], {
      xs: trials.map((_, i) => i + 1), format: scaled,
      formatX: (n) => Number.isInteger(n) ? "trial " + n : "",
      more: { xRangePad: 10, series: { "low loss": dots, "high loss": dots, generator: dots } } }),
    table(["trial", "load", "duration", "loss", "class", "why"], trials.map((trial, i) => [
      String(i + 1), count(trial.load), trial.duration_s + " s", percent(trial.loss_ratio),
      words(trial.class), trial.why]), "words")];
  }

  // -- text and tables --------------------------------------------------------------------------

  function targets() {
    const classes = r.scenario.classes || [];
    const urls = (r.scenario.targets || []).concat(...classes.map((c) => c.urls || []));
    const more = urls.length > 3 ? ` and ${urls.length - 3} more` : "";
    return urls.slice(0, 3).join(" ") + more;
  }

  function writeHead() {
    const v = r.verdict;
    const limit = v.limited_by === null ? "not decided"
      : v.limited_by + (v.part ? ` (${v.part})` : "");
    const when = [r.started_at, digits(r.duration_s) + " s", "on " + r.scenario.device]
      .concat(r.processes > 1 ? r.processes + " processes" : [], r.interrupted ? "interrupted" : [],
        r.running ? "still running" : []);
    const badge = make("span", { class: "badge " + (v.pass ? "good" : "bad"), id: "verdict" },
      v.pass ? "PASS" : "FAIL");
    document.title = "shakedown: " + (targets() || "serve") + ", " + r.started_at;
    main.append(
      make("h1", {}, `shakedown ${targets() ? "to " + targets() : "serve"}`),
      make("p", { class: "faint" }, when.join(", ")),
      make("div", { class: "verdict" }, badge,
        make("span", {}, make("b", {}, "limit: "), limit)));
    for (const part of [list(v.why), criteria(v.criteria), list(v.evidence)])
      if (part) main.append(part);
  }

  function criterionValue(value, unit) {
    if (value === null) return "none";
    if (unit === "ns") return time(value / 1000);
    return unit === "share" ? percent(value) : unit === "word" ? value : scaled(value);
  }

  function criteria(all) {
    const held = (c) => make("b", { class: c.pass ? "good" : "bad" },
      c.pass ? "holds" : "does not hold");
    return table(["criterion", "", "value"],
      all.map((c) => [c.text, held(c), criterionValue(c.value, c.unit)]), "words");
  }

  function writeCards() {
    const t = r.totals, names = latencies();
    const most = ["ttlb", "transfer", "tls", "connect"].find((name) => names.includes(name));
    const cards = [["connections attempted", count(t.attempted)],
      ["established", count(t.established)], ["failed", count(t.failed)],
      ["open at the end", count(t.open)], ["connections/s", scaled(r.rates.cps)]];
    if (r.rates.tls_hps > 0) cards.push(["TLS handshakes/s", scaled(r.rates.tls_hps)]);
    if (r.rates.rps > 0) cards.push(["responses/s", scaled(r.rates.rps)]);
    if (r.rates.rx_payload_bps > 0) cards.push(["payload received", bits(r.rates.rx_payload_bps)]);
    for (const part of most ? ["p50", "p99"] : [])
      cards.push([`${most} ${part}`, time(r.latency[most][part + "_us"])]);
    if (r.schedule_adherence) cards.push(["starts on time", percent(r.schedule_adherence.share)]);
    main.append(make("div", { class: "cards" }, ...cards.map(([name, value]) =>
      make("div", { class: "card" }, make("b", {}, value), make("span", {}, name)))));
  }

  function latencyTable(all) {
    const parts = [["min", "min"], ["mean", "mean"], ["p50", "p50"], ["p90", "p90"],
      ["p95", "p95"], ["p99", "p99"], ["p999", "p99.9"], ["p9999", "p99.99"], ["max", "max"]];
    const names = Object.keys(all).filter((name) => all[name].count > 0);
    return table(["latency", "samples", ...parts.map(([, title]) => title)], names.map((name) => [
      words(name), count(all[name].count),
      ...parts.map(([part]) => time(all[name][part + "_us"]))]));
  }

  function counts(object, heads) {
    const rows = Object.entries(object || {}).filter(([, n]) => n > 0)
      .sort((a, b) => b[1] - a[1]);
    const all = sum(rows.map(([, n]) => n));
    return table(heads, rows.map(([name, n]) => [name, count(n), bar(n / all)]));
  }

  function coreTable() {
    const share = (n, all) => all > 0 ? n / all : 0;
    const heads = ["lcore", "role", "busy", "back-pressure", "long polls", "longest",
      "kept from its CPU", "rx/s", "tx/s", "closed", "failed"];
    return table(heads, r.cores.map((c) => [
      String(c.lcore), c.role, bar(c.busy), bar(share(c.tx_backpressure, c.busy_polls)),
      count(c.long_polls), time(c.longest_poll_ns / 1000), time(c.off_cpu_ns / 1000),
      scaled(share(c.rx_packets, r.duration_s)), scaled(share(c.tx_packets, r.duration_s)),
      count(c.closed), count(c.failed)]));
  }

  function classTables() {
    const counted = (c) => `${count(c.totals.attempted)} attempted, ` +
      `${count(c.totals.failed)} failed, ${scaled(c.rates.cps)}/s`;
    return (r.classes || []).flatMap((c) => [make("h3", {}, c.name),
      make("p", { class: "faint" }, counted(c)), latencyTable(c.latency)]);
  }

  function tlsTables() {
    if (!r.tls) return [];
    return Object.entries(r.tls)
      .filter(([name]) => !["examples", "memory", "sizes", "provider"].includes(name))
      .map(([name, rows]) => counts(rows, [words(name), "", ""]))
      .concat(table(["failure", "OpenSSL's words about the first"],
        Object.entries(r.tls.examples), "words"), sizeTable());
  }

  function sizeTable() {
    const rows = Object.entries(r.tls.sizes || {}).flatMap(([kind, sizes]) =>
      Object.entries(sizes).filter(([, s]) => s.count > 0).map(([name, s]) => [
        kind, words(name), count(s.min), s.mean.toFixed(1), count(s.max)]));
    return table(["handshakes", "of each", "min", "mean", "max"], rows);
  }

  function httpTables() {
    if (!r.http) return [];
    const examples = Object.entries(r.http.examples).map(([cause, e]) => make("details", {},
      make("summary", {}, "the first of " + cause),
      make("pre", {}, e.head + e.body + (e.is_cut ? " ..." : ""))));
    return [counts(r.http.statuses, ["status", "responses", ""]), ...examples];
  }

  function hints() {
    return r.hints.flatMap((hint) => [make("p", {}, hint.text),
      hint.command ? make("pre", {}, hint.command) : null]);
  }

  function counterTable() {
    const rows = Object.entries(r.totals).filter(([, n]) => typeof n === "number" && n > 0);
    return make("details", {}, make("summary", {}, "all counters that are not 0"),
      table(["counter", ""], rows.map(([name, n]) => [name, count(n)])));
  }

  // What is not set says nothing.
  function given(value) {
    if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
    if (typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((item) => given(item));
    const pairs = Object.entries(value).map(([key, item]) => [key, given(item)])
      .filter(([, item]) => item !== undefined);
    return pairs.length > 0 ? Object.fromEntries(pairs) : undefined;
  }

  function hostTable() {
    return table(["", ""], [["shakedown", r.tool.version], ["DPDK", r.tool.dpdk],
      ["OpenSSL", r.tool.openssl || "unknown"],
      ["CPU", `${r.host.cpu}, ${r.host.cores} usable`], ["kernel", r.host.kernel],
      ["device", r.host.device], ["driver", r.host.driver],
      ["huge pages", r.host.hugepages ? "yes" : "no"],
      ["steering", r.steering.why || r.steering.mode]], "words");
  }

  // -- all of it --------------------------------------------------------------------------------

  function note() {
    const n = data.points.rows_per_point;
    return n > 1 ? make("p", { class: "faint" }, `Each point stands for ${n} intervals: rates ` +
      "are their mean, percentiles the largest of them.") : null;
  }

  function write() {
    main.replaceChildren();
    writeHead();
    writeCards();
    section("Search for the maximum", ...searchCharts());
    section("Rate", note(), ...rateCharts());
    section("Latency", latencyTable(r.latency), distributionChart());
    section("Latency over time", ...latencyCharts());
    section("Failures", counts(r.totals.failures, ["cause", "connections", ""]),
      ...failureCharts());
    section("Cores", coreTable(), ...busyCharts());
    section("Traffic classes", ...classTables());
    section("TLS", ...tlsTables());
    section("HTTP", ...httpTables());
    section("What may help", ...hints());
    section("Counters", counterTable());
    section("Scenario", make("pre", {}, JSON.stringify(given(r.scenario), null, 2)));
    section("Host", hostTable());
    for (const id of Object.keys(charts))
      sight.observe(document.getElementById("chart-" + id));
    dark.addEventListener("change", repaint);
    window.addEventListener("beforeprint", () => print(true));
    window.addEventListener("afterprint", () => print(false));
    window.shakedown = { charts, drawAll };
  }

  // -- a comparison -----------------------------------------------------------------------------

  function groupName(i) {
    return i < 26 ? String.fromCharCode(65 + i) : "#" + (i + 1);
  }

  function figureValue(value, unit) {
    if (unit === "ns") return time(value / 1000);
    return unit === "share" ? percent(value) : unit === "count" ? count(value) : scaled(value);
  }

  // Where 1 is in the middle, and @most and its inverse are at the ends.
  function place(ratio, most) {
    const share = (Math.log(ratio) / Math.log(most) + 1) / 2;
    return 100 * Math.min(1, Math.max(0, share));
  }

  function interval(figure, most) {
    const range = make("i", {}), box = make("span", { class: "range" }, range);
    if (figure.ratio_low === null) return "";
    range.style.left = place(Math.max(figure.ratio_low, 1e-9), most) + "%";
    range.style.right = 100 - place(figure.ratio_high, most) + "%";
    return box;
  }

  const FINDINGS = { same: "the same", less: "less", more: "more", cannot_tell: "cannot tell" };

  function figureTable(comparison) {
    const far = comparison.figures.filter((f) => f.finding !== "cannot_tell" && f.ratio_low > 0)
      .map((f) => Math.max(f.ratio_high, 1 / f.ratio_low));
    const most = Math.min(100, Math.max(1.1, ...far));
    const between = (f) => f.ratio_low === null ? ""
      : `${f.ratio_low.toFixed(4)} to ${f.ratio_high > 1000 ? "any" : f.ratio_high.toFixed(4)}`;
    const heads = ["figure", groupName(comparison.base), groupName(comparison.other), "ratio",
      "interval", `${digits(1 / most)} to ${digits(most)}`, "finding"];
    return table(heads, comparison.figures.map((f) => [f.name, figureValue(f.base, f.unit),
      figureValue(f.other, f.unit), f.ratio === null ? "" : f.ratio.toFixed(4), between(f),
      interval(f, most), FINDINGS[f.finding]]));
  }

  function ratioTable(all) {
    return table(["criterion", "", "value"], all.map((one) => [one.text,
      make("b", { class: one.pass ? "good" : "bad" }, one.pass ? "holds" : "does not hold"),
      one.value === null ? "none" : one.value.toFixed(4)]), "words");
  }

  function writeComparison() {
    const c = data.comparison;
    const groups = c.groups.map((group, i) => [groupName(i), String(group.files.length),
      group.version, group.files.join(" ")]);
    document.title = "shakedown: comparison";
    main.replaceChildren(make("h1", {}, "shakedown compare"),
      make("p", { class: "faint" }, `Intervals are of ${percent(c.confidence)} for all ` +
        `${c.figures_compared} figures together.`));
    if (c.comparisons.some((one) => one.criteria.length > 0))
      main.append(make("span", { class: "badge " + (c.pass ? "good" : "bad"), id: "verdict" },
        c.pass ? "PASS" : "FAIL"));
    section("Runs", table(["", "runs", "shakedown", "results"], groups, "words"),
      list(c.objections));
    for (const one of c.comparisons)
      section(`${groupName(one.other)} compared with ${groupName(one.base)}`,
        ratioTable(one.criteria), figureTable(one),
        one.basis === "runs" ? null : make("p", { class: "faint" }, "One run of each: what " +
          "differs from run to run is not known."));
    window.shakedown = { charts, drawAll };
  }

  if (data.comparison) writeComparison();
  else write();
})();
