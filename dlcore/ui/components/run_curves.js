// The curves of a run that the feed keeps up to date for the chart that draws them.
import { Curves } from "./curves.js";
import { feed } from "./feed.js";

export class RunCurves extends Curves {
  // `chart` has `data.interval` and `data.language`; `subject()` is what is asked of: `run:axis`, or
  // `run:axis:ranges:name:…`; `took(answer)` is called where there is something else to draw.
  constructor(chart, subject, took, ranges) {
    super(ranges);
    Object.assign(this, { chart, subject, took, answered: false, ended: false });
  }

  get every() { return this.chart.data.interval; }
  get language() { return this.chart.data.language; }

  // Asks, or asks again after all there was had come.
  join() {
    this.ended = false;
    feed.join(this);
  }

  leave() {
    feed.leave(this);
  }

  ask() {
    return this.ended ? null : `curves:${this.subject()}:${this.cursor}`;
  }

  take(answer) {
    const changed = !answer.gone && super.take(answer), first = !this.answered;
    this.answered = true;
    this.ended = answer.gone || this.isWhole(answer);
    if (changed || first) this.took(answer);
    else if (!answer.gone && !this.cursor) feed.soon();
  }
}
