"use strict";
// The page holds all lines as columns of numbers and texts. Only what can be seen is drawn: the lanes as one path for
// each kind, however many lines there are, and the rows of the table that are scrolled into view. Three files make one
// script: axis.js says where on the time axis and in which lane a line stands, timeline.js draws, page.js is the table,
// the filter and the keys.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = id => document.getElementById(id);
const total = data.time.length;
const QUIET_US = 10e6, ROW_PX = 24, LANE_PX = 24, AXIS_PX = 22, LABEL_PX = 150, MARK_PX = 4, CLIENT_LANES_MAX = 12;
// What hides what when marks fall together.
const SEVERITY = ["turn", "network", "client", "commit", "service", "saga", "node", "fault", "check"];
const severity = data.kinds.map(kind => SEVERITY.indexOf(kind));

// --- Times ---------------------------------------------------------------------------------------------------------

const two = number => String(number).padStart(2, "0");

function timeText(us) {
  if (us < 0) return "-" + timeText(-us);
  const seconds = Math.floor(us / 1e6), days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24;
  return (days ? days + "d " : "") + (days || hours ? two(hours) + ":" : "") + two(Math.floor(seconds / 60) % 60) + ":" +
    two(seconds % 60) + "." + String(Math.floor(us - seconds * 1e6)).padStart(6, "0");
}

function lengthText(us) {
  const units = [["days", 86400e6], ["h", 3600e6], ["min", 60e6], ["s", 1e6], ["ms", 1e3]];
  const at = units.findIndex(([, size]) => us >= size);
  if (at < 0) return Math.round(us) + " µs";
  const name = (count, unit) => count + " " + (unit === "days" && count === 1 ? "day" : unit);
  const rest = at + 2 < units.length ? Math.floor(us % units[at][1] / units[at + 1][1]) : 0;
  return name(Math.floor(us / units[at][1]), units[at][0]) + (rest ? " " + name(rest, units[at + 1][0]) : "");
}

/// First index whose value is not below `wanted`, in ascending values.
function lowerBound(values, wanted) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1; else high = middle;
  }
  return low;
}

// Where each line stands on the axis: its time, or with quiet stretches shortened. `stretches` are the pieces between
// quiet stretches, each linear: from place p0 to p1, beginning at time t0.
let place = [], stretches = [];

function layOut(squeezed) {
  let active = 0;
  for (let i = 1; i < total; i++) {
    const gap = data.time[i] - data.time[i - 1];
    if (gap < QUIET_US) active += gap;
  }
  const shortened = Math.max(active * 0.04, 1000);
  place = new Float64Array(total);
  stretches = [{p0: 0, t0: total ? data.time[0] : 0, p1: 0}];
  for (let i = 1; i < total; i++) {
    const gap = data.time[i] - data.time[i - 1];
    const quiet = squeezed && gap >= QUIET_US && gap > shortened;
    place[i] = place[i - 1] + (quiet ? shortened : gap);
    if (quiet) stretches.push({p0: place[i], t0: data.time[i], p1: place[i]});
    stretches[stretches.length - 1].p1 = place[i];
  }
}

// --- Lanes ---------------------------------------------------------------------------------------------------------

function laneName(index) {
  if (data.kinds[data.kind[index]] === "saga") return "sagas";
  const where = data.places[data.place[index]];
  return /[→↔]/.test(where) ? "network" : where.replace(/^(n\d+)\/.*/s, "$1") || "world";
}

function laneRank(name) {
  const order = [/^client/, /^network$/, /^n\d+$/, /^processor$/, /^sagas$/];
  const rank = order.findIndex(pattern => pattern.test(name));
  return rank < 0 ? order.length : rank;
}

function makeLanes() {
  const first = Array.from({length: total}, (_, i) => laneName(i));
  const isClient = name => name.startsWith("client ");
  const merged = new Set(first.filter(isClient)).size > CLIENT_LANES_MAX;
  const named = merged ? first.map(name => isClient(name) ? "clients" : name) : first;
  const names = [...new Set(named)].sort((a, b) =>
    laneRank(a) - laneRank(b) || a.localeCompare(b, "en", {numeric: true}));
  const number = new Map(names.map((name, i) => [name, i]));
  return {names, of: Uint16Array.from(named, name => number.get(name))};
}
