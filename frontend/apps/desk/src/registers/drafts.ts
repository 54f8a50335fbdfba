/** What is being written in a form, beside what was read. Plain sums. */
import type { ApiProblem, Ledger, LedgerChange, LedgerColumn, LedgerValue, RowFault } from "@fengsui/api";

export const E7 = 10_000_000;
const BEIJING_MS = 8 * 3_600_000;

export type Draft = Record<string, LedgerValue>;

export const same = (a: LedgerValue | undefined, b: LedgerValue | undefined): boolean =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null) || (isNothing(a) && isNothing(b));
const isNothing = (value: LedgerValue | undefined): boolean => value === null || value === undefined || value === "";

/** Columns that a form asks for: all of a new row, those that may still change of an old one. */
export const formColumns = (ledger: Ledger, isNew: boolean): LedgerColumn[] =>
  ledger.columns.filter((column) => isNew || column.editable);

/** Only what differs is sent, each with the value that was seen, so that nobody overwrites what they never saw. */
export function changesOf(columns: readonly LedgerColumn[], seen: Draft, draft: Draft): { changes: Draft; expected: Draft } {
  const changed = columns.filter((column) => column.name in draft && !same(draft[column.name], seen[column.name]));
  return {
    changes: Object.fromEntries(changed.map((column) => [column.name, draft[column.name] ?? null])),
    expected: Object.fromEntries(changed.map((column) => [column.name, seen[column.name] ?? null])),
  };
}

/** What is filled in of a new row. */
export const filled = (draft: Draft): Draft => Object.fromEntries(Object.entries(draft).filter(([, value]) => !isNothing(value)));

export function faultsOf(problem: ApiProblem): RowFault[] {
  const faults = problem.data["faults"];
  return Array.isArray(faults) ? (faults as RowFault[]) : [];
}

/** Somebody else wrote meanwhile: per column what stands now. */
export interface Clash {
  column: string;
  theirs: LedgerValue;
  shown: string;
  by: string;
  at: string | null;
}
export function clashesOf(problem: ApiProblem): Clash[] {
  const found = problem.data["conflicts"];
  return problem.status === 409 && Array.isArray(found) ? (found as Clash[]) : [];
}

/** After a choice the row is seen with their values; where mine is kept it stays in the draft and is sent again. */
export function settle(seen: Draft, draft: Draft, clashes: readonly Clash[], mine: ReadonlySet<string>): { seen: Draft; draft: Draft } {
  const nextSeen = { ...seen };
  const nextDraft = { ...draft };
  for (const clash of clashes) {
    nextSeen[clash.column] = clash.theirs;
    if (!mine.has(clash.column)) nextDraft[clash.column] = clash.theirs;
  }
  return { seen: nextSeen, draft: nextDraft };
}

/** "109.95123, 28.61234" in degrees, longitude first; null where it cannot be read. */
export function readPoint(text: string): [number, number] | null {
  const parts = text
    .trim()
    .split(/[\s,，、]+/)
    .map(Number);
  const [lon, lat] = parts;
  if (parts.length !== 2 || lon === undefined || lat === undefined || !Number.isFinite(lon) || !Number.isFinite(lat)) return null;
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) return null;
  return [Math.round(lon * E7), Math.round(lat * E7)];
}

/** Seconds since 1970 as the browser's own field of date and time wants them, in Beijing time. */
export const momentInput = (value: LedgerValue): string =>
  typeof value === "number" ? new Date(value * 1_000 + BEIJING_MS).toISOString().slice(0, 16) : "";
export function readMoment(text: string): number | null {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) : Number.NaN;
  return Number.isNaN(ms) ? null : Math.floor((ms - BEIJING_MS) / 1_000);
}

/** One step of a row's history: what somebody changed at once, each with what stood before it. */
export interface Step {
  key: string;
  at: string;
  by: string;
  note: string;
  changeSetId: string | null;
  lines: { change: LedgerChange; before: string | null }[];
}

/** Changes of one step together, the newest first. The oldest of a field brings along what stood there before. */
export function steps(history: readonly LedgerChange[]): Step[] {
  const found = new Map<string, Step>();
  history.forEach((change, index) => {
    const key = change.change_set_id ?? `${change.at} ${change.by}`;
    const step = found.get(key) ?? { key, at: change.at, by: change.by, note: change.note, changeSetId: change.change_set_id, lines: [] };
    const before = history.slice(index + 1).find((one) => one.field === change.field);
    step.lines.push({ change, before: before?.shown ?? change.before });
    found.set(key, step);
  });
  return [...found.values()];
}
