import type { OutboxRow } from "./database";
import type { Shown } from "./overlay";
import type { HouseholdStatus } from "./types";

/** One household, two people, two observations. The later one counts until somebody looks again. */
export interface Conflict {
  client_id: string;
  household_id: string;
  label: string;
  mine: HouseholdStatus;
  mine_people: number | null;
  mine_at: string;
  other: HouseholdStatus;
  other_people: number | null;
  other_at: string | null;
  other_name: string;
  other_title: string;
  holds: "mine" | "other";
}

function lastOfEach(rows: readonly OutboxRow[]): OutboxRow[] {
  const last = new Map<string, OutboxRow>();
  for (const row of rows) {
    const id = row.entry.household_id;
    if (row.entry.kind === "household_status" && id !== undefined && row.state !== "refused") last.set(id, row);
  }
  return [...last.values()];
}

/** The person knew of it: it stood on the screen at the tap, or the same was read before. */
function wasKnown(row: OutboxRow, rows: readonly OutboxRow[]): boolean {
  const met = row.met;
  if (met === null) return true;
  if (met.holds === "mine" && met.status === row.previous_status) return true;
  return rows.some(
    (earlier) =>
      earlier.noted &&
      earlier.entry.household_id === row.entry.household_id &&
      earlier.met?.observed_at === met.observed_at &&
      earlier.met.status === met.status,
  );
}

function fromAnswer(row: OutboxRow): Conflict | null {
  const { met, entry } = row;
  if (met === null || entry.status === undefined || entry.household_id === undefined) return null;
  return {
    client_id: row.client_id,
    household_id: entry.household_id,
    label: row.label,
    mine: entry.status,
    mine_people: entry.people ?? null,
    mine_at: entry.at,
    other: met.status,
    other_people: met.status.startsWith("moved_") ? met.people_moved : null,
    other_at: met.observed_at,
    other_name: met.person_name,
    other_title: met.title,
    holds: met.holds,
  };
}

/**
 * What a person has to look at: what the box said when it took an entry, and what came after it. One a
 * household, about the last thing this person said of it. Pure.
 */
export function conflictsOf(shown: Shown, rows: readonly OutboxRow[]): Conflict[] {
  const found = new Map<string, Conflict>();
  for (const household of shown.groups.flatMap((group) => group.households)) {
    const later = household.later_change;
    const mine = rows.find((row) => row.client_id === later?.client_id);
    if (later === null || mine === undefined) continue;
    found.set(household.id, {
      client_id: later.client_id,
      household_id: household.id,
      label: household.label,
      mine: later.mine,
      mine_people: mine.entry.people ?? null,
      mine_at: later.mine_at,
      other: later.box,
      other_people: later.box.startsWith("moved_") ? (household.people_moved ?? null) : null,
      other_at: later.box_at,
      other_name: mine.met?.holds === "other" ? mine.met.person_name : "",
      other_title: mine.met?.holds === "other" ? mine.met.title : "",
      holds: "other",
    });
  }
  for (const row of lastOfEach(rows)) {
    if (row.noted || row.state !== "received" || wasKnown(row, rows)) continue;
    const conflict = fromAnswer(row);
    if (conflict !== null && !found.has(conflict.household_id)) found.set(conflict.household_id, conflict);
  }
  return [...found.values()];
}
