/** Ends that people mean when they hand something over for a while. Beijing time. */
const BEIJING_OFFSET_MS = 8 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** The meteorological day ends, and shifts change, at eight. */
const MORNING_HOUR = 8;
/** "Tomorrow morning" said at seven does not mean an hour from now. */
const MORNING_LEAST_MS = 3 * HOUR_MS;

export type UntilChoice = "morning" | "day" | "three" | "week";
export const UNTIL_CHOICES: readonly UntilChoice[] = ["morning", "day", "three", "week"];

export function untilOf(choice: UntilChoice, nowMs: number): string {
  if (choice === "morning") return new Date(nextMorning(nowMs)).toISOString();
  const days = { day: 1, three: 3, week: 7 }[choice];
  return new Date(nowMs + days * DAY_MS).toISOString();
}

function nextMorning(nowMs: number): number {
  const local = nowMs + BEIJING_OFFSET_MS;
  const today = Math.floor(local / DAY_MS) * DAY_MS + MORNING_HOUR * HOUR_MS;
  const next = today - local >= MORNING_LEAST_MS ? today : today + DAY_MS;
  return next - BEIJING_OFFSET_MS;
}

/** What a `datetime-local` field holds, read as Beijing time; "" where it is not filled in. */
export function fromBeijingField(value: string): string {
  const read = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(value);
  return read ? new Date(`${read[1]}T${read[2]}:00+08:00`).toISOString() : "";
}

/** A moment as a `datetime-local` field holds it, in Beijing time: what `fromBeijingField` reads back. */
export function toBeijingField(atMs: number): string {
  return new Date(atMs + BEIJING_OFFSET_MS).toISOString().slice(0, 16);
}
