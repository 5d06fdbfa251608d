// A line a trial across vertical axes, of which stretches can be brushed. Drawn by ourselves: Plotly's own
// needs WebGL through code made at run time, which the page's security policy forbids.
import { theme } from "./plotly.js";

const STATE = Symbol.for("dlstudio.parallel");
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 420, TOP = 54, BOTTOM = 16, SIDE = 60, NARROWEST = 92, REACH = 18, SHORTEST = 4;

function make(name, attributes, parent, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}

class ParallelAxes {
  constructor(element) {
    this.element = element;
    this.canvas = element.querySelector("canvas");
    this.svg = element.querySelector("svg");
    this.room = element.querySelector(".dl-room");
    this.brushes = {};
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(element);
  }

  update(component) {
    this.component = component;
    const text = JSON.stringify(component.data);
    if (text === this.text) return;
    if (this.data && this.data.name !== component.data.name) this.brushes = {};
    this.text = text;
    this.data = component.data;
    this.order = this.data.shades.map((_, i) => i).sort((a, b) => this.data.shades[a] - this.data.shades[b]);
    this.draw();
  }

  x(place) {
    return SIDE + (place * (this.width - 2 * SIDE)) / Math.max(1, this.data.axes.length - 1);
  }

  y(axis, value) {
    return HEIGHT - BOTTOM - ((value - axis.low) / (axis.high - axis.low)) * (HEIGHT - BOTTOM - TOP);
  }

  value(axis, y) {
    const share = (HEIGHT - BOTTOM - y) / (HEIGHT - BOTTOM - TOP);
    return axis.low + share * (axis.high - axis.low);
  }

  draw() {
    if (!this.data || !this.element.clientWidth) return;
    this.width = Math.max(this.element.clientWidth, this.data.axes.length * NARROWEST);
    this.room.style.width = `${this.width}px`;
    this.lines();
    this.axes();
  }

  within(line) {
    return Object.entries(this.brushes).every(([place, [low, high]]) => {
      const at = this.data.axes[place].positions[line];
      return low <= at && at <= high;
    });
  }

  lines() {
    const { colors, grid } = theme(this.element);
    const scale = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: this.width * scale, height: HEIGHT * scale });
    Object.assign(this.canvas.style, { width: `${this.width}px`, height: `${HEIGHT}px` });
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    const shades = colors("--st-chart-sequential-colors");
    const any = Object.keys(this.brushes).length > 0;
    const inside = this.order.filter((line) => !any || this.within(line));
    const many = this.order.length > 300;
    const path = (line) => {
      pen.beginPath();
      this.data.axes.forEach((axis, place) => pen[place ? "lineTo" : "moveTo"](this.x(place), this.y(axis, axis.positions[line])));
      pen.stroke();
    };
    pen.lineWidth = 1;
    if (any) {
      pen.strokeStyle = grid;
      pen.globalAlpha = 0.4;
      const chosen = new Set(inside);
      for (const line of this.order) if (!chosen.has(line)) path(line);
    }
    pen.globalAlpha = many && !any ? 0.55 : 0.85;
    pen.lineWidth = many ? 1 : 1.5;
    for (const line of inside) {
      // Below 0, so that the worst lines are still seen.
      const share = (this.data.shades[line] + 0.25) / 1.25;
      pen.strokeStyle = shades[Math.round(share * (shades.length - 1))];
      path(line);
    }
  }

  axes() {
    const { css } = theme(this.element);
    const text = css("--st-text-color"), back = css("--st-background-color");
    this.svg.replaceChildren();
    for (const [key, value] of Object.entries({ width: this.width, height: HEIGHT, viewBox: `0 0 ${this.width} ${HEIGHT}` })) this.svg.setAttribute(key, value);
    const gap = (this.width - 2 * SIDE) / Math.max(1, this.data.axes.length - 1);
    this.data.axes.forEach((axis, place) => {
      const x = this.x(place), last = place === this.data.axes.length - 1;
      const group = make("g", { "font-family": css("--st-font"), "font-size": 12, fill: text }, this.svg);
      // Beside each other they would touch.
      const row = (gap < 120 && place % 2) || (last && axis.label.length > 16) ? 16 : 34;
      make("title", {}, make("text", { x: last ? x + SIDE - 4 : x, y: row, "text-anchor": last ? "end" : "middle", "font-weight": 600 }, group, axis.label), axis.path || axis.label);
      make("line", { x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM, stroke: text, "stroke-opacity": 0.45 }, group);
      axis.ticks.forEach((tick, i) => {
        const y = this.y(axis, tick);
        if (y < TOP - 1 || y > HEIGHT - BOTTOM + 1) return;
        make("line", { x1: x - 3, x2: x + 3, y1: y, y2: y, stroke: text, "stroke-opacity": 0.45 }, group);
        make("text", {
          x: last ? x + 7 : x - 7, y: y + 4, "text-anchor": last ? "start" : "end", stroke: back, "stroke-width": 3, "paint-order": "stroke",
        }, group, axis.texts[i]);
      });
      const brush = this.brushes[place];
      if (brush) {
        const [top, bottom] = [this.y(axis, brush[1]), this.y(axis, brush[0])];
        make("rect", { x: x - 7, width: 14, y: top, height: Math.max(2, bottom - top), fill: css("--st-primary-color"), "fill-opacity": 0.35, stroke: css("--st-primary-color"), rx: 3 }, group);
      }
      const hit = make("rect", { x: x - REACH, width: 2 * REACH, y: TOP - 8, height: HEIGHT - BOTTOM - TOP + 16, fill: "transparent", class: "dl-axis", "data-axis": axis.label }, group);
      hit.addEventListener("pointerdown", (event) => this.drag(event, place));
    });
  }

  drag(event, place) {
    event.preventDefault();
    const axis = this.data.axes[place];
    const at = (moved) => Math.min(HEIGHT - BOTTOM, Math.max(TOP, moved.clientY - this.svg.getBoundingClientRect().top));
    const from = at(event);
    const move = (moved) => {
      const [top, bottom] = [from, at(moved)].sort((a, b) => a - b);
      // A click takes the brush away; a little room, so that the ends of an axis can be reached.
      if (bottom - top < SHORTEST) delete this.brushes[place];
      else {
        const room = (axis.high - axis.low) / 1000;
        this.brushes[place] = [this.value(axis, bottom) - room, this.value(axis, top) + room];
      }
      this.draw();
    };
    const up = (last) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", up);
      if (last.type === "pointerup") move(last);
      const found = Object.fromEntries(Object.entries(this.brushes).map(([key, pair]) => [key, [pair]]));
      this.component.setStateValue("ranges", found);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", up);
  }

  close() {
    this.observer.disconnect();
  }
}

export default function (component) {
  const element = component.parentElement.querySelector(".dl-parallel");
  element[STATE] ??= new ParallelAxes(element);
  element[STATE].update(component);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
