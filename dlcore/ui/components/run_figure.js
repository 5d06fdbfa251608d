// How a chart of a run is laid out: the curves above, a thin strip below, the names at the ends of the lines, and a
// mark at the best epoch. Nothing here knows of a page.
import { spread } from "./labels.js";

export const LARGE = 400, SMALL = 220; // px
const STRIP = 0.15, MAIN = 0.72; // shares of the height
const LINE = 15, LETTER = 7; // px of a line of text, and about of a letter
const MARGIN = { t: 10, b: 30, l: 48 };

// Returns the place of the best point of a curve, the first of equals; -1 without a finite one.
export function bestPlace(y, higher) {
  let best = -1;
  y.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    if (best < 0 || (higher ? value > y[best] : value < y[best])) best = i;
  });
  return best;
}

// Returns the best epoch of a run by the curve that judges it: where on the axis, and which epoch. Over batches the
// epochs are counted by their curves over epochs, which are not here: only the place is known.
export function bestEpoch(series, { name, higher }, axis) {
  const curve = series.get(`${name}|validation`);
  const place = curve ? bestPlace(curve.y, higher) : -1;
  if (place < 0) return null;
  return { x: curve.x[place], epoch: axis === "epoch" ? curve.x[place] : null };
}

// Returns the value of a curve at an x of its own; undefined where it has none.
export const valueAt = (curve, x) => curve?.y[curve.x.indexOf(x)];

// Returns a number as people read it: shares in per cent, the rest with four digits.
export const said = (value, share) => (share ? `${(100 * value).toFixed(2)}%` : String(Number(value.toPrecision(4))));

// Returns a stretch of the time that lies as a stretch of the other axis does.
export function sameStretch([low, high], last, seconds) {
  return last > 0 ? [(low / last) * seconds, (high / last) * seconds] : [0, seconds];
}

// Returns the parts of the layout that give the curves their room, and what is below them theirs.
export function rooms(strip, { muted, grid }) {
  const axis = { zeroline: false, automargin: true, tickfont: { size: 12, color: muted }, linecolor: grid };
  const quiet = { ...axis, tickfont: { size: 11, color: muted }, nticks: 3, gridcolor: grid, rangemode: "tozero" };
  const found = {
    xaxis: { ...axis, showgrid: false, rangemode: "tozero", anchor: "y" },
    yaxis: { ...axis, gridcolor: grid, gridwidth: 1, domain: strip ? [1 - MAIN, 1] : [0, 1], exponentformat: "power" },
  };
  if (!strip) return found;
  const own = strip.axis === "time";
  found.yaxis2 = { ...quiet, domain: [0, STRIP], anchor: own ? "x2" : "x", tickformat: "~g", exponentformat: "power" };
  if (own) found.xaxis2 = { ...quiet, anchor: "y2", showgrid: false, showticklabels: false };
  return found;
}

// Returns the names at the ends of lines, beside them but never over each other.
//
// `lines` have a name, a colour, their last value and the axis they are on; `axes` says the range and the domain of each.
export function endLabels(lines, axes, height) {
  const tall = height - MARGIN.t - MARGIN.b;
  return Object.entries(axes).flatMap(([id, { range: [low, high], domain: [from, to], type }]) => {
    const own = lines.filter((line) => line.axis === id), room = tall * (to - from);
    const share = (value) => ((type === "log" ? Math.log10(value) : value) - low) / (high - low);
    const wishes = own.map(({ last }) => room * (1 - Math.min(1, Math.max(0, share(last)))));
    return spread(wishes, LINE, room).map((place, i) => ({
      xref: "paper", x: 1, xanchor: "left", xshift: 8, yref: "paper", y: to - (place / room) * (to - from),
      yanchor: "middle", showarrow: false, text: own[i].name, font: { color: own[i].color, size: 12 },
    }));
  });
}

// Returns the margins of a chart with room for its names at the right.
export function margins(names) {
  return { ...MARGIN, r: 14 + LETTER * Math.max(0, ...names.map(width)) };
}

// Letters of a name; one of Chinese is as wide as two.
const width = (name) => [...name].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);

// Returns the line and the words that mark the best point.
export function bestMark({ x, value, last, text }, { color, muted, ground }, higher) {
  const share = last > 0 ? x / last : 0;
  return {
    shape: { type: "line", xref: "x", x0: x, x1: x, yref: "y domain", y0: 0, y1: 1, line: { color: muted, width: 1, dash: "dot" } },
    words: {
      x, y: value, xref: "x", yref: "y", text: `<b>${text}</b>`, showarrow: false, font: { color, size: 12 }, bgcolor: ground,
      xanchor: share < 0.3 ? "left" : share > 0.7 ? "right" : "center",
      yanchor: higher ? "top" : "bottom", yshift: higher ? -14 : 14, opacity: 0.9,
    },
  };
}
