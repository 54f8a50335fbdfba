/** The form of a signature given beforehand: Beijing time in the fields, UTC on the wire. */
import type { Authorisation } from "@fengsui/api";

export const LEVELS = ["red", "orange"] as const;
const BEIJING_OFFSET_MS = 8 * 3600 * 1000;
const HOURS_AT_FIRST = 12;

export interface Form {
  levels: string[];
  from: string;
  until: string;
  note: string;
}
export type Lack = "levels" | "from" | "until" | "order" | "past";

/** An instant as a `datetime-local` field shows it, in Beijing time. */
export function asField(ms: number): string {
  return new Date(ms + BEIJING_OFFSET_MS).toISOString().slice(0, 16);
}
/** Milliseconds of a `datetime-local` value that means Beijing time; NaN where it is none. */
export function fromField(value: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) ? Date.parse(`${value.slice(0, 16)}:00+08:00`) : Number.NaN;
}
export function emptyForm(nowMs: number): Form {
  return { levels: [...LEVELS], from: asField(nowMs), until: asField(nowMs + HOURS_AT_FIRST * 3600 * 1000), note: "" };
}
export function lacks(form: Form, nowMs: number): Lack[] {
  const from = fromField(form.from);
  const until = fromField(form.until);
  const list: Lack[] = [];
  if (!form.levels.length) list.push("levels");
  if (Number.isNaN(from)) list.push("from");
  if (Number.isNaN(until)) list.push("until");
  if (until <= from) list.push("order");
  else if (until <= nowMs) list.push("past");
  return list;
}
export function onTheWire(form: Form): { levels: string[]; valid_from: string; valid_until: string; note: string } {
  return {
    levels: form.levels,
    valid_from: new Date(fromField(form.from)).toISOString(),
    valid_until: new Date(fromField(form.until)).toISOString(),
    note: form.note.trim(),
  };
}

export type Standing = "in_force" | "stopped" | "later" | "over";
export function standingOf(one: Authorisation, nowMs: number): Standing {
  if (one.stopped_at) return "stopped";
  if (Date.parse(one.valid_from) > nowMs) return "later";
  return Date.parse(one.valid_until) > nowMs ? "in_force" : "over";
}
