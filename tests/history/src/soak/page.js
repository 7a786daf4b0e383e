// Draws each series over the same time. Pointing at one shows the second in all of them.

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640, HEIGHT = 170, LEFT = 62, BOTTOM = 20, TOP = 8;
const seconds = Math.max(...run.series.map((series) => series.values.length), 2);
const x = (second) => LEFT + (second / (seconds - 1)) * (WIDTH - LEFT - 4);
const cursors = [];

function element(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const short = (value) => (value >= 1e6 ? `${(value / 1e6).toFixed(1)}M` : value >= 1e4 ? `${Math.round(value / 1e3)}k` : `${Math.round(value)}`);

/** The top of a chart: single seconds with a fault in them do not flatten the rest. */
function highestOf(series) {
  const sorted = [...series.values].sort((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length * 0.98)] ?? 1;
  return Math.max(usual * 1.15, (series.limit ?? 0) * 1.05, 1);
}

function chart(series) {
  const highest = highestOf(series);
  const y = (value) => TOP + (1 - Math.min(value, highest) / highest) * (HEIGHT - TOP - BOTTOM);
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": series.verdict });
  for (const part of [0, 0.5, 1]) {
    svg.append(element("line", { x1: LEFT, x2: WIDTH - 4, y1: y(highest * part), y2: y(highest * part), class: "axis" }));
    svg.append(element("text", { x: LEFT - 6, y: y(highest * part) + 4, "text-anchor": "end" }, short(highest * part)));
  }
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const anchor = part === 0 ? "start" : part === 1 ? "end" : "middle";
    svg.append(element("text", { x: x((seconds - 1) * part), y: HEIGHT - 5, "text-anchor": anchor }, `${Math.round((seconds - 1) * part)} s`));
  }
  const quarter = Math.floor(seconds / 4);
  for (const [index, value] of [[1, series.settled], [3, series.end]]) {
    const [from, until] = [x(quarter * index), x(Math.min(quarter * (index + 1), seconds - 1))];
    svg.append(element("rect", { x: from, y: TOP, width: until - from, height: HEIGHT - TOP - BOTTOM, class: "band" }));
  }
  for (const fault of run.faults) svg.append(element("line", { x1: x(fault.at), x2: x(fault.at), y1: TOP, y2: HEIGHT - BOTTOM, class: "fault" }));
  svg.append(element("polyline", { class: "curve", points: series.values.map((value, second) => `${x(second).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }));
  for (const [index, value] of [[1, series.settled], [3, series.end]]) {
    const [from, until] = [x(quarter * index), x(Math.min(quarter * (index + 1), seconds - 1))];
    svg.append(element("line", { x1: from, x2: until, y1: y(value), y2: y(value), class: "median" }));
  }
  if (series.limit !== null) svg.append(element("line", { x1: x(quarter * 3), x2: WIDTH - 4, y1: y(series.limit), y2: y(series.limit), class: "limit" }));
  const cursor = element("line", { x1: 0, x2: 0, y1: TOP, y2: HEIGHT - BOTTOM, class: "cursor", visibility: "hidden" });
  cursors.push(cursor);
  svg.append(cursor);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * WIDTH;
    point(Math.max(0, Math.min(seconds - 1, Math.round(((at - LEFT) / (WIDTH - LEFT - 4)) * (seconds - 1)))));
  });
  return svg;
}

function point(second) {
  for (const cursor of cursors) {
    cursor.setAttribute("visibility", "visible");
    cursor.setAttribute("x1", x(second));
    cursor.setAttribute("x2", x(second));
  }
  const values = run.series.map((series) => `${series.name} ${series.values[second] ?? "–"} ${series.unit}`.trim());
  const near = run.faults.filter((fault) => Math.abs(fault.at - second) <= Math.ceil(seconds / 300)).map((fault) => fault.what);
  $("pointed").textContent = `${second} s: ${values.concat(near).join(" · ")}`;
}

const growing = run.series.filter((series) => series.grows);
$("verdict").textContent = growing.length ? `Grows: ${growing.map((series) => series.name).join(", ")}` : "Nothing grows that should not";
$("verdict").className = growing.length ? "grows" : "steady";
$("what").textContent = run.what;
for (const series of run.series) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const name = document.createElement("b");
  name.textContent = `${series.name}${series.unit ? `, ${series.unit}` : ""} `;
  const verdict = document.createElement("span");
  verdict.textContent = series.verdict.replace(`${series.name}: `, "");
  verdict.className = series.grows ? "grows" : series.limit === null ? "quiet" : "steady";
  caption.append(name, verdict);
  figure.append(caption, chart(series));
  $("charts").append(figure);
}
