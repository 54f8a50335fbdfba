import type { Snapshot } from "./database";

/** A phone this close to the box is right; its own clock is then kept as it is. */
export const CLOCK_TOLERATED_MILLISECONDS = 120_000;

/**
 * The time by the box's clock, carried on by the phone's. A phone with a dead clock battery, or a
 * night that is demonstrated on another day, must not date its entries years away from the warning.
 */
export function boxClock(snapshot: Pick<Snapshot, "got_at" | "tonight"> | null, phoneNow: number): number {
  if (snapshot === null) return phoneNow;
  const difference = Date.parse(snapshot.tonight.server_time) - snapshot.got_at;
  if (Number.isNaN(difference) || Math.abs(difference) <= CLOCK_TOLERATED_MILLISECONDS) return phoneNow;
  return phoneNow + difference;
}
