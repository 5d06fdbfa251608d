// What a person gives to a model in this browser: one part of the page gives it, another one hears of it.
const GIVEN = new Map();
const HEARERS = new Map();

// given: {kind, image, address}, or null where it was taken back.
export function give(channel, given) {
  GIVEN.set(channel, given);
  for (const hear of HEARERS.get(channel) ?? []) hear(given);
}

// Calls `hear` with what is given now, and whenever that changes; returns what ends it.
export function listen(channel, hear) {
  if (!HEARERS.has(channel)) HEARERS.set(channel, new Set());
  HEARERS.get(channel).add(hear);
  hear(GIVEN.get(channel) ?? null);
  return () => HEARERS.get(channel).delete(hear);
}
