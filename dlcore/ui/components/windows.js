// What lies between the points of a thinned curve: fetched where a chart is zoomed to. Nothing here knows of a page.
export class Windows {
  constructor() {
    this.parts = new Map();
    this.turns = new Map();
  }

  of(run, { name, scope }) {
    return this.parts.get(`${run}|${name}|${scope}`);
  }

  forget() {
    this.parts.clear();
    this.turns.clear();
  }

  // Follows what Plotly tells of a change of a metric's chart: `ids` are the runs of which a curve is thinned there.
  // Returns whether there is something else to draw.
  async follow(change, { name, axis, ids, buckets }) {
    if (change["xaxis.autorange"]) return this.drop(name);
    const low = change["xaxis.range[0]"], high = change["xaxis.range[1]"];
    if (low === undefined || !ids.length) return false;
    const turn = {};
    this.turns.set(name, turn);
    const query = new URLSearchParams([...ids.map((id) => ["run", id]), ...Object.entries({ name, axis, low, high, buckets })]);
    const answer = await fetch(`/api/window?${query}`);
    // Who has zoomed on in the meantime wants another window.
    if (!answer.ok || this.turns.get(name) !== turn) return false;
    for (const [id, parts] of Object.entries((await answer.json()).runs)) {
      for (const part of parts) this.parts.set(`${id}|${part.name}|${part.scope}`, part);
    }
    return true;
  }

  drop(name) {
    this.turns.delete(name);
    const gone = [...this.parts.keys()].filter((key) => key.split("|")[1] === name);
    for (const key of gone) this.parts.delete(key);
    return gone.length > 0;
  }
}
