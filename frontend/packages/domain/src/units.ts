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
