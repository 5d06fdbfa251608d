// A run that has ended, shown as if it were at work: what there was of it after so many of its seconds.
// Nothing here knows of a page.
export const SPEEDS = [1, 2, 5, 10, 20];
const SHORT = 20; // seconds that a replay should take at most

// Returns the first speed at which a run is through soon enough.
export const usualSpeed = (seconds) => SPEEDS.find((speed) => seconds / speed <= SHORT) ?? SPEEDS.at(-1);

// Returns the function from a place on the axis to the second at which the run was there.
//
// `clock` is the recorded curve of seconds over epochs, if there is one; `last` the last place of all curves, which the
// run reached after `seconds`. Between two epochs, and without a clock, a run is taken to be equally fast.
export function momentOf(clock, { axis, last, seconds }) {
  const epochs = clock?.x.at(-1);
  if (!epochs) return (x) => (last > 0 ? (x / last) * seconds : 0);
  const places = [0, ...clock.x], moments = [0, ...clock.y];
  return (x) => {
    const epoch = axis === "epoch" ? x : (x / last) * epochs;
    const next = places.findIndex((place) => place >= epoch);
    if (next === 0) return moments[0];
    const end = next < 0 ? places.length - 1 : next, begin = end - 1;
    const share = (epoch - places[begin]) / (places[end] - places[begin]);
    return moments[begin] + share * (moments[end] - moments[begin]);
  };
}

// Returns a curve as far as it went until a moment; null of one that had not begun.
export function until(part, moment, reached) {
  const whole = (points) => {
    const end = points.x.findIndex((x) => reached(x) > moment);
    return end < 0 ? points : { ...points, x: points.x.slice(0, end), y: points.y.slice(0, end) };
  };
  const found = whole(part);
  if (!found.x.length) return null;
  return { ...found, means: part.means ? whole(part.means) : null };
}

// Where a replay is: it goes on by itself, can be held, and moved.
export class Player {
  constructor(seconds, speed, now = () => performance.now()) {
    Object.assign(this, { seconds, speed, now, begin: 0, since: null });
  }

  get at() {
    const gone = this.since === null ? 0 : ((this.now() - this.since) / 1000) * this.speed;
    return Math.min(this.seconds, this.begin + gone);
  }

  get plays() { return this.since !== null && !this.over; }
  get over() { return this.at >= this.seconds; }

  play() {
    this.begin = this.over ? 0 : this.at;
    this.since = this.now();
  }

  hold() {
    this.begin = this.at;
    this.since = null;
  }

  move(moment) {
    this.begin = moment;
    if (this.since !== null) this.since = this.now();
  }

  hurry(speed) {
    this.move(this.at);
    this.speed = speed;
  }
}

// Returns seconds as a clock says them.
export function clockText(seconds) {
  const whole = Math.floor(seconds), two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
