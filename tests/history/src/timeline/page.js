// Draws the bars. An axis by order shows what came before what, however short it was; an axis to scale shows how long it took.

const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const LANE = 40, LEFT = 92, TOP = 34, BAR = 20;
const run = history_of_run;

function element(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const ms = (micros) => `${(micros / 1000).toFixed(3)} ms`;
const told = (it) =>
  `#${it.number}, client ${it.client}\n${it.asked}\n→ ${it.outcome}\n` +
  `sent at ${ms(it.from)}, ` +
  (it.open ? `given up at ${ms(it.until)}: it may have been done at any moment from then on, or never` : `answered at ${ms(it.until)}, after ${ms(it.until - it.from)}`);

function header() {
  $("what").textContent = `${run.what}, seed ${run.seed}: ${run.operations.length} of ${run.all} operations are drawn`;
  $("text").textContent = (run.id ? `${run.id}: ` : "") + run.text;
  $("rule").textContent = `The rule: ${run.rule}`;
  $("again").textContent = `Run it again: ${run.again}`;
  for (const it of run.operations.filter((it) => it.named)) {
    const item = document.createElement("li");
    item.textContent = `#${it.number} client ${it.client}: ${it.asked} → ${it.outcome}`;
    $("evidence").append(item);
  }
  const names = { write: "written", read: "read", list: "listed", past: "read from the past", events: "shown by a walk through the events", delete: "deleted", refused: "refused, not done", unknown: "unknown: open-ended" };
  for (const [name, words] of Object.entries(names)) {
    const entry = document.createElement("span");
    const colour = document.createElement("i");
    colour.className = name;
    entry.append(colour, words);
    $("legend").append(entry);
  }
}

/** Maps moments to places, by order or to scale. */
function axis(shown, faults, width) {
  const moments = [...new Set(shown.flatMap((it) => [it.from, it.until]).concat(faults.map((it) => it.at)))].sort((a, b) => a - b);
  const last = moments.length - 1 || 1;
  if ($("to-scale").checked) {
    const [from, until] = [moments[0] ?? 0, moments[moments.length - 1] ?? 1];
    return { moments, x: (at) => LEFT + ((at - from) / (until - from || 1)) * width };
  }
  const rank = new Map(moments.map((at, index) => [at, index]));
  return { moments, x: (at) => LEFT + (rank.get(at) / last) * width };
}

function draw() {
  const shown = run.operations.filter((it) => it.named || !$("named-only").checked);
  const faults = $("named-only").checked ? [] : run.faults;
  const clients = [...new Set(shown.map((it) => it.client))].sort((a, b) => a - b);
  const room = $("scroll").clientWidth - LEFT - 60;
  const width = Math.max(400, Math.max(room, shown.length * 12) * Number($("width").value));
  const { moments, x } = axis(shown, faults, width);
  const height = TOP + clients.length * LANE + 14;
  const chart = $("chart");
  chart.replaceChildren();
  chart.setAttribute("width", LEFT + width + 50);
  chart.setAttribute("height", height);
  const marks = new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * (moments.length - 1))));
  for (const index of marks) {
    const anchor = index > 0 && index === moments.length - 1 ? "end" : "start";
    if (moments[index] !== undefined) {
      chart.append(element("text", { x: x(moments[index]), y: 16, class: "quiet", "text-anchor": anchor }, ms(moments[index])));
    }
  }
  clients.forEach((client, lane) => {
    const y = TOP + lane * LANE;
    chart.append(element("line", { x1: 0, x2: LEFT + width + 50, y1: y + LANE - 4, y2: y + LANE - 4, class: "lane" }));
    chart.append(element("text", { x: 8, y: y + 19 }, `client ${client}`));
  });
  for (const fault of faults) {
    const line = element("line", { x1: x(fault.at), x2: x(fault.at), y1: 22, y2: height, class: "fault" });
    line.append(element("title", {}, `${ms(fault.at)}: ${fault.what}`));
    chart.append(line);
  }
  for (const it of shown) chart.append(...bar(it, TOP + clients.indexOf(it.client) * LANE, x, LEFT + width + 50));
}

function bar(it, y, x, end) {
  const from = x(it.from);
  const width = Math.max(4, (it.open ? end : x(it.until)) - from);
  const [top, thick] = it.open ? [y + BAR + 5, 6] : [y + 4, BAR];
  const classes = ["bar", it.class, it.named ? "named" : "faded", it.number === run.culprit ? "culprit" : ""];
  const box = element("rect", { x: from, y: top, width, height: thick, rx: 3, class: classes.join(" "), tabindex: 0 });
  box.append(element("title", {}, told(it)));
  for (const event of ["pointerenter", "focus"]) box.addEventListener(event, () => ($("details").textContent = told(it)));
  const parts = [box];
  if (!it.open && width > 9 * it.label.length) parts.push(element("text", { x: from + 4, y: y + 18, class: it.named ? "on-bar" : "" }, it.label));
  else if (it.named && !it.open) parts.push(element("text", { x: from + width + 4, y: y + 18 }, it.label));
  if (it.open && it.named) parts.push(element("text", { x: from, y: y + 19 }, "?"));
  return parts;
}

header();
draw();
for (const id of ["to-scale", "named-only", "width"]) $(id).addEventListener("input", draw);
addEventListener("resize", draw);
