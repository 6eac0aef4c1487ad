const lanes = makeLanes();
const svg = byId("lanes");
const height = AXIS_PX + Math.max(lanes.names.length, 1) * LANE_PX;
let width = 1000, from = 0, to = 1, chosen = -1;
let shown = Uint32Array.from({length: total}, (_, i) => i), isShown = new Uint8Array(total).fill(1);

const xOf = p => LABEL_PX + (p - from) / (to - from) * (width - LABEL_PX);
const pOf = x => from + (x - LABEL_PX) / (width - LABEL_PX) * (to - from);
const wholeEnd = () => total ? Math.max(place[total - 1] * 1.01, 1) : 1;

function add(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  svg.append(element);
}

/// A label that is cut to the width that it has.
const cut = (text, pixels) => text.length * 7 > pixels ? text.slice(0, Math.max(Math.floor(pixels / 7) - 1, 1)) + "…" : text;

function drawTicks() {
  const wanted = (to - from) / Math.max((width - LABEL_PX) / 130, 1);
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap(s => [s, s * 1e3, s * 1e6]).concat(
    [15e6, 30e6, 60e6, 300e6, 900e6, 1800e6, 3600e6, 6 * 3600e6, 86400e6, 7 * 86400e6, 30 * 86400e6]).sort((a, b) => a - b);
  const step = steps.find(s => s >= wanted) || steps[steps.length - 1];
  let last = -Infinity;
  for (const piece of stretches) {
    if (piece.p1 < from || piece.p0 > to) continue;
    const begin = Math.max(piece.t0, piece.t0 + from - piece.p0), end = Math.min(piece.p1, to) - piece.p0 + piece.t0;
    for (let t = Math.ceil(begin / step) * step; t <= end; t += step) {
      const x = xOf(piece.p0 + t - piece.t0);
      if (x - last < 110 || x < LABEL_PX) continue;
      last = x;
      add("line", {class: "tick", x1: x, x2: x, y1: AXIS_PX - 4, y2: height});
      add("text", {x: x + 3, y: 14}, timeText(t).replace(/\.?0+$/, ""));
    }
  }
}

function drawQuiet() {
  for (let i = 1; i < stretches.length; i++) {
    const before = stretches[i - 1], after = stretches[i];
    if (after.p0 < from || before.p1 > to) continue;
    const x0 = Math.max(xOf(before.p1), LABEL_PX), x1 = Math.min(xOf(after.p0), width);
    if (x1 - x0 < 1) continue;
    add("rect", {class: "quiet", x: x0, y: AXIS_PX, width: x1 - x0, height: height - AXIS_PX});
    const words = lengthText(after.t0 - (before.t0 + before.p1 - before.p0));
    const middle = (x0 + x1) / 2, y = (height + AXIS_PX) / 2;
    add("text", {x: middle, y, "text-anchor": "middle", "dominant-baseline": "middle",
                 ...(words.length * 7 > x1 - x0 ? {transform: `rotate(-90 ${middle} ${y})`} : {})}, "… " + words);
  }
}

function drawBands() {
  for (const [first, last] of data.bands) {
    if (place[last] < from || place[first] > to) continue;
    const [x0, x1, y] = bandEdges(first, last);
    add("rect", {class: "band", x: x0, y: y + 1, width: Math.max(x1 - x0, 2), height: LANE_PX - 2});
  }
}

/// After the marks, which would hide them.
function drawBandNames() {
  for (const [first, last] of data.bands) {
    const [x0, x1, y] = bandEdges(first, last);
    if (x1 - x0 > 50) add("text", {class: "band-name", x: x0 + 6, y: y + 16}, cut(data.what[first], x1 - x0 - 12));
  }
}

function bandEdges(first, last) {
  return [Math.max(xOf(place[first]), LABEL_PX), Math.min(xOf(place[last]), width), AXIS_PX + lanes.of[first] * LANE_PX];
}

/// The gravest line of each few pixels of a lane; a mark is taller the graver it is.
function drawMarks() {
  const columns = Math.ceil((width - LABEL_PX) / MARK_PX) + 1;
  const gravest = new Int32Array(columns * lanes.names.length).fill(-1);
  const end = lowerBound(place, to);
  for (let i = lowerBound(place, from); i < end; i++) {
    if (!isShown[i]) continue;
    const cell = lanes.of[i] * columns + Math.floor((xOf(place[i]) - LABEL_PX) / MARK_PX);
    if (gravest[cell] < 0 || severity[data.kind[i]] > severity[data.kind[gravest[cell]]]) gravest[cell] = i;
  }
  const paths = data.kinds.map(() => []);
  gravest.forEach((line, cell) => {
    if (line < 0) return;
    const grave = severity[data.kind[line]] >= SEVERITY.indexOf("fault");
    const tall = grave ? LANE_PX - 4 : 12;
    const x = LABEL_PX + cell % columns * MARK_PX, y = AXIS_PX + Math.floor(cell / columns) * LANE_PX + (LANE_PX - tall) / 2;
    paths[data.kind[line]].push(`M${x} ${y}h${grave ? MARK_PX : MARK_PX - 1}v${tall}h${grave ? -MARK_PX : 1 - MARK_PX}z`);
    if (data.kinds[data.kind[line]] === "check") add("line", {class: "broken", x1: x + 2, x2: x + 2, y1: AXIS_PX, y2: height});
  });
  paths.forEach((path, kind) => {
    if (path.length) add("path", {d: path.join(""), style: `fill: var(--${data.kinds[kind]})`});
  });
}

function draw() {
  width = Math.max(byId("timeline").clientWidth, 400);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("height", height);
  svg.replaceChildren();
  lanes.names.forEach((_, i) => {
    if (i % 2 === 0) add("rect", {class: "even", x: 0, y: AXIS_PX + i * LANE_PX, width, height: LANE_PX});
  });
  drawTicks();
  drawQuiet();
  drawBands();
  drawMarks();
  drawBandNames();
  if (chosen >= 0 && place[chosen] >= from && place[chosen] <= to) {
    const x = xOf(place[chosen]), y = AXIS_PX + lanes.of[chosen] * LANE_PX;
    add("line", {class: "chosen", x1: x, x2: x, y1: AXIS_PX, y2: height});
    add("rect", {class: "chosen", x: x - 4, y: y + 1, width: 8, height: LANE_PX - 2, fill: "none"});
  }
  lanes.names.forEach((name, i) =>
    add("text", {class: "lane", x: 6, y: AXIS_PX + i * LANE_PX + 16}, cut(name, LABEL_PX - 10)));
}

let drawAsked = false;
function drawSoon() {
  if (drawAsked) return;
  drawAsked = true;
  requestAnimationFrame(() => { drawAsked = false; draw(); });
}

function look(newFrom, newTo) {
  const end = wholeEnd(), span = Math.min(Math.max(newTo - newFrom, 10), end);
  from = Math.min(Math.max(newFrom, 0), end - span);
  to = from + span;
  drawSoon();
}
const zoom = (factor, around) => look(around - (around - from) * factor, around + (to - around) * factor);
const middle = () => chosen >= 0 && place[chosen] >= from && place[chosen] <= to ? place[chosen] : (from + to) / 2;
const move = part => look(from + part * (to - from), to + part * (to - from));
