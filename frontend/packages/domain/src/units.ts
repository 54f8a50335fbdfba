import type { PlaceCallState } from "./words";

/** A unit is silent until one of its post-holders acknowledged; 应到 needs a first action as well. */
interface Unit {
  state?: string;
}

export function silentUnits<U extends Unit>(units: { unanswered: readonly U[] }): U[] {
  return units.unanswered.filter((unit) => unit.state === undefined || unit.state === "waiting");
}

export function reachedUnits(units: { called: number; unanswered: readonly Unit[] }): number {
  return units.called - silentUnits(units).length;
}

/** Post titles often repeat the place that already stands before them: 桂洞村村支书 in the row of 桂洞村. */
export function titleWithin(title: string, place: string): string {
  const short = place && title.startsWith(place) ? title.slice(place.length).replace(/^[ ·]+/, "") : title;
  return short || title;
}

/** Three tries are due within three minutes; who is silent after that is wrong and gets a name on the map. */
const SILENT_AFTER_S = 180;

interface Place {
  code: string;
  state: PlaceCallState;
}

/** States for the map: a village none of whose post-holders acknowledged in time is red, whoever else answered. */
export function placesShown<P extends Place>(board: {
  callout: { opened_at: string; now: string };
  units: { unanswered: readonly (Unit & { code: string })[] };
  by_place: readonly P[];
  policy?: { answer_within_s?: number };
}): P[] {
  const elapsed = (Date.parse(board.callout.now) - Date.parse(board.callout.opened_at)) / 1000;
  const allowed = Math.min(SILENT_AFTER_S, board.policy?.answer_within_s ?? SILENT_AFTER_S);
  if (elapsed < allowed) return [...board.by_place];
  const silent = new Set(silentUnits(board.units).map((unit) => unit.code));
  return board.by_place.map((place) => (place.state === "calling" && silent.has(place.code) ? { ...place, state: "unanswered" as const } : place));
}
