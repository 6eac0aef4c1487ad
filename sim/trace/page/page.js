// --- Table ---------------------------------------------------------------------------------------------------------

const scroller = byId("scroller"), rows = byId("rows"), table = byId("table");

function cell(row, text, name) {
  const td = document.createElement("td");
  td.textContent = text;
  if (name) { td.className = "kind"; td.style.color = `var(--${name})`; }
  row.append(td);
}

function drawRows() {
  const first = Math.max(Math.floor(scroller.scrollTop / ROW_PX) - 10, 0);
  const last = Math.min(first + Math.ceil(scroller.clientHeight / ROW_PX) + 20, shown.length);
  rows.replaceChildren();
  for (let at = first; at < last; at++) {
    const i = shown[at], kind = data.kinds[data.kind[i]], row = document.createElement("tr");
    row.id = "line" + i;
    row.dataset.line = i;
    row.className = kind + (i && data.time[i] - data.time[i - 1] >= QUIET_US ? " after-quiet" : "");
    row.setAttribute("aria-rowindex", at + 2);
    row.setAttribute("aria-selected", i === chosen);
    cell(row, timeText(data.time[i]));
    cell(row, data.places[data.place[i]]);
    cell(row, kind, kind);
    cell(row, data.what[i]);
    rows.append(row);
  }
  byId("above").rows[0].cells[0].style.height = first * ROW_PX + "px";
  byId("below").rows[0].cells[0].style.height = Math.max(shown.length - last, 0) * ROW_PX + "px";
}

const lineText = i => `${timeText(data.time[i])}  ${data.places[data.place[i]]}  ${data.kinds[data.kind[i]]}\n${data.what[i]}`;

/// Chooses a line, in the table and in the lanes.
function choose(line) {
  chosen = line;
  byId("detail").textContent = lineText(line);
  const at = lowerBound(shown, line);
  const top = at * ROW_PX, view = scroller.clientHeight - 30;
  if (top < scroller.scrollTop || top + ROW_PX > scroller.scrollTop + view) scroller.scrollTop = Math.max(top - view / 2, 0);
  drawRows();
  table.setAttribute("aria-activedescendant", "line" + line);
  const span = to - from;
  if (place[line] < from || place[line] > to) look(place[line] - span / 2, place[line] + span / 2); else drawSoon();
}

function chooseBy(steps) {
  if (!shown.length) return;
  const at = chosen < 0 ? -1 : lowerBound(shown, chosen);
  choose(shown[Math.min(Math.max(at + steps, 0), shown.length - 1)]);
}

// --- Filter --------------------------------------------------------------------------------------------------------

const haystack = Array.from({length: total}, (_, i) => (data.places[data.place[i]] + " " + data.what[i]).toLowerCase());

function filter() {
  const words = byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = data.kinds.map(kind => byId("kind-" + kind)?.checked ?? true);
  isShown = new Uint8Array(total);
  const kept = [];
  for (let i = 0; i < total; i++) {
    if (!wanted[data.kind[i]] || !words.every(word => haystack[i].includes(word))) continue;
    isShown[i] = 1;
    kept.push(i);
  }
  shown = Uint32Array.from(kept);
  byId("count").textContent = `${shown.length} of ${total} lines`;
  table.setAttribute("aria-rowcount", shown.length + 1);
  scroller.scrollTop = chosen >= 0 ? Math.max(lowerBound(shown, chosen) * ROW_PX - scroller.clientHeight / 2, 0) : 0;
  drawRows();
  drawSoon();
}

function makeKindBoxes() {
  const counts = data.kinds.map(() => 0);
  for (const kind of data.kind) counts[kind]++;
  data.kinds.forEach((kind, i) => {
    if (!counts[i]) return;
    const label = document.createElement("label"), box = document.createElement("input"), name = document.createElement("span");
    box.type = "checkbox";
    box.checked = true;
    box.id = "kind-" + kind;
    name.className = "kind";
    name.style.color = `var(--${kind})`;
    name.textContent = kind;
    label.append(box, " ", name, ` ${counts[i]}`);
    byId("kinds").append(label);
  });
}

// --- Pointer and keys ----------------------------------------------------------------------------------------------

/// The shown line nearest to a point of the lanes, in its lane and within a few pixels; -1 if there is none.
function lineAt(x, y) {
  const lane = Math.floor((y - AXIS_PX) / LANE_PX);
  if (x < LABEL_PX || lane < 0) return -1;
  const begin = lowerBound(place, pOf(x - 6)), end = lowerBound(place, pOf(x + 6));
  let best = -1;
  for (let i = begin; i < end; i++) {
    if (lanes.of[i] !== lane || !isShown[i]) continue;
    const nearer = best < 0 ? 1 : severity[data.kind[i]] - severity[data.kind[best]] ||
      Math.abs(xOf(place[best]) - x) - Math.abs(xOf(place[i]) - x);
    if (nearer > 0) best = i;
  }
  return best;
}

/// What to say of a point where there is no line: the fault that lasts there.
function bandAt(x, y) {
  const p = pOf(x), lane = Math.floor((y - AXIS_PX) / LANE_PX);
  const band = data.bands.find(([first, last]) => lanes.of[first] === lane && place[first] <= p && p <= place[last]);
  return band && `${data.what[band[0]]}\nfor ${lengthText(data.time[band[1]] - data.time[band[0]])}`;
}

function showHint(event) {
  const box = svg.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const line = lineAt(x, y), words = line >= 0 ? lineText(line) : bandAt(x, y), hint = byId("hint");
  hint.hidden = !words;
  if (!words) return;
  hint.textContent = words;
  hint.style.left = Math.max(Math.min(x + 12, width - hint.offsetWidth - 4), 0) + "px";
  hint.style.top = y + 16 + "px";
}

function listenToPointer() {
  const box = byId("timeline");
  let drag = null;
  box.addEventListener("wheel", event => {
    event.preventDefault();
    const x = event.clientX - svg.getBoundingClientRect().left;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) move(Math.sign(sideways) * 0.1);
    else zoom(event.deltaY > 0 ? 1.25 : 0.8, pOf(Math.max(x, LABEL_PX)));
  }, {passive: false});
  box.addEventListener("pointerdown", event => {
    drag = {x: event.clientX, from, to, moved: false};
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", event => {
    if (!drag) return showHint(event);
    const by = event.clientX - drag.x;
    drag.moved ||= Math.abs(by) > 3;
    const shift = -by / (width - LABEL_PX) * (drag.to - drag.from);
    if (drag.moved) look(drag.from + shift, drag.to + shift);
  });
  box.addEventListener("pointerup", event => {
    const edges = svg.getBoundingClientRect(), wasClick = drag && !drag.moved;
    drag = null;
    const line = wasClick ? lineAt(event.clientX - edges.left, event.clientY - edges.top) : -1;
    if (line >= 0) choose(line);
  });
  box.addEventListener("pointercancel", () => { drag = null; });
  box.addEventListener("pointerleave", () => { byId("hint").hidden = true; });
}

function onKeys(element, actions) {
  element.addEventListener("keydown", event => {
    const action = !event.ctrlKey && !event.metaKey && !event.altKey && actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function begin() {
  const whole = () => look(0, wholeEnd());
  const page = () => Math.max(Math.floor(scroller.clientHeight / ROW_PX) - 2, 1);
  makeKindBoxes();
  byId("closer").onclick = () => zoom(0.5, middle());
  byId("farther").onclick = () => zoom(2, middle());
  byId("earlier").onclick = () => move(-0.5);
  byId("later").onclick = () => move(0.5);
  byId("whole").onclick = whole;
  byId("squeeze").onchange = () => { layOut(byId("squeeze").checked); whole(); };
  byId("words").oninput = filter;
  byId("kinds").onchange = filter;
  document.querySelector("form").onsubmit = event => event.preventDefault();
  scroller.onscroll = drawRows;
  rows.onclick = event => { const row = event.target.closest("tr"); if (row) choose(Number(row.dataset.line)); };
  const up = () => chooseBy(-1), down = () => chooseBy(1);
  onKeys(byId("timeline"), {ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), ArrowUp: up, ArrowDown: down,
                            "+": byId("closer").onclick, "=": byId("closer").onclick, "-": byId("farther").onclick, Home: whole});
  onKeys(table, {ArrowUp: up, ArrowDown: down, PageUp: () => chooseBy(-page()), PageDown: () => chooseBy(page()),
                 Home: () => chooseBy(-total), End: () => chooseBy(total)});
  listenToPointer();
  new ResizeObserver(() => { drawSoon(); drawRows(); }).observe(byId("timeline"));
  layOut(true);
  whole();
  filter();
}

begin();
