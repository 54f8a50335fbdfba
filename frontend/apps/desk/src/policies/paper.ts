/** Moments and durations of a dry run. */
const BEIJING_MS = 8 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;
const HOUR_OF = { night: 2, noon: 12 } as const;
export const WHENS = ["night", "now", "noon"] as const;
export type When = (typeof WHENS)[number];

/** The next time it is that hour in Beijing, as UTC; null: now, by the server's clock. */
export function atHourTonight(when: When, nowMs: number): string | null {
  if (when === "now") return null;
  const local = nowMs + BEIJING_MS;
  const midnight = Math.floor(local / DAY_MS) * DAY_MS;
  let then = midnight + HOUR_OF[when] * 3600 * 1000;
  if (then <= local) then += DAY_MS;
  return new Date(then - BEIJING_MS).toISOString();
}
/** "3:05" after the first ring. */
export function offset(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}
export const wholeMinutes = (seconds: number): number => Math.ceil(seconds / 60);
