// The history of a search: made on the server, in the colours of the theme, it goes on by itself. The feed brings
// the trials that changed since a revision, so that a tick costs the same in any study.
import { feed } from "./feed.js";
import { History } from "./history.js";
import { followWidth, loadPlotly, theme, wholeTicks } from "./plotly.js";

const STATE = Symbol.for("dlstudio.study");

class StudyChart {
  constructor(element) {
    this.element = element;
    this.plot = element;
    this.observer = followWidth(element, () => this.P && this.draw());
  }

  update(component) {
    this.component = component;
    const { data } = component;
    const text = JSON.stringify(data);
    // What the page sends again unchanged would only undo what was added since.
    if (text === this.text) return;
    this.text = text;
    this.data = data;
    this.cursor = data.live.since;
    this.history = new History(data);
    [this.every, this.language] = [data.live.interval, data.live.language];
    this.ended = !data.live.on;
    loadPlotly(data.plotly).then((P) => {
      if (this.data !== data || this.closed) return;
      this.P = P;
      this.draw();
      feed.join(this);
    });
  }

  ask() {
    return this.ended ? null : `trials:${this.data.live.study}:${this.cursor}`;
  }

  take(news) {
    this.ended = news.gone || (!news.live && !news.more);
    if (news.gone) return;
    this.cursor = news.revision;
    const took = this.history.take(news.trials);
    if (took === "stale") this.component.setTriggerValue("stale", Date.now());
    if (took === "changed") this.draw();
    if (news.more) feed.soon();
  }

  draw() {
    const width = this.element.clientWidth;
    if (!width) return; // hidden: drawn when it is seen
    const { css, grid, palette } = theme(this.element);
    const axis = { gridcolor: grid, linecolor: grid, zerolinecolor: grid, automargin: true, tickfont: { size: 12 }, title: { font: { size: 13 }, standoff: 8 } };
    const { layout } = this.data.figure;
    const xaxis = { ...layout.xaxis, ...(this.data.live.by_time ? {} : wholeTicks(this.history.last)) };
    const yaxis = this.history.range ? { ...layout.yaxis, range: this.history.range } : layout.yaxis;
    const template = {
      layout: {
        colorway: palette, xaxis: axis, yaxis: axis,
        font: { color: css("--st-text-color"), family: css("--st-font"), size: 13 },
        hoverlabel: { bgcolor: css("--st-secondary-background-color"), bordercolor: grid, font: { color: css("--st-text-color") } },
        modebar: { bgcolor: "rgba(0,0,0,0)", color: grid, activecolor: css("--st-primary-color") },
      },
    };
    const config = {
      displaylogo: false, displayModeBar: width < 420 ? false : "hover",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    };
    this.P.react(this.plot, this.history.traces(), { ...layout, width, xaxis, yaxis, template, uirevision: this.data.name }, config);
    if (this.bound) return;
    this.bound = true;
    this.plot.on("plotly_click", (event) => {
      const number = event.points?.[0]?.customdata?.[0];
      if (Number.isInteger(number)) this.component.setTriggerValue("clicked", number);
    });
  }

  close() {
    this.closed = true;
    feed.leave(this);
    this.observer.disconnect();
    if (this.P) this.P.purge(this.plot);
  }
}

export default function (component) {
  const element = component.parentElement.querySelector(".dl-study");
  element[STATE] ??= new StudyChart(element);
  element[STATE].update(component);
  return () => {
    element[STATE]?.close();
    element[STATE] = null;
  };
}
