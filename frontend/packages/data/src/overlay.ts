import { SIDE_OF_STATUS } from "@fengsui/domain";

import type { OutboxRow, Snapshot } from "./database";
import type { AnswerKind, HouseholdStatus, Tonight, TonightGroup, TonightHousehold, Totals } from "./types";

/** Where the shown value stands: the box has it, only the phone has it, or the box refused it. */
export type Standing = "box" | "phone";

/** Somebody else recorded something different after this person's entry was received. */
export interface LaterChange {
  client_id: string;
  mine: HouseholdStatus;
  mine_at: string;
  box: HouseholdStatus;
  box_by: string | null;
  box_at: string | null;
}

export interface ShownHousehold extends TonightHousehold {
  standing: Standing;
  later_change: LaterChange | null;
}

export interface ShownGroup {
  key: string;
  head_name: string | null;
  households: ShownHousehold[];
  open: number;
}

export interface ShownAnswer {
  answer_kind: AnswerKind;
  at: string | null;
  standing: Standing;
}

export interface Shown {
  groups: ShownGroup[];
  totals: Totals;
  answer: ShownAnswer | null;
}

export function isFinished(household: Pick<TonightHousehold, "status">): boolean {
  return SIDE_OF_STATUS[household.status] !== "not_yet";
}

/**
 * One household's share of 应转 = 已转 + 外出 + 未转, in people; the same arithmetic as the box's.
 * More people may leave a house than the list knew of: then more should have.
 */
export function share(household: Pick<TonightHousehold, "status" | "people" | "people_moved">): Totals {
  const side = SIDE_OF_STATUS[household.status];
  const moved = side === "moved" ? (household.people_moved ?? household.people) : 0;
  const should = Math.max(household.people, moved);
  const away = side === "away" ? should : 0;
  return { should, moved, away, not_yet: should - moved - away };
}

function mayBeMissingFrom(snapshot: Snapshot, row: OutboxRow): boolean {
  if (row.state === "waiting") return true;
  return row.state === "received" && (row.settled_at ?? 0) >= snapshot.asked_at;
}

function withRow(household: TonightHousehold, row: OutboxRow): TonightHousehold {
  const status = row.entry.status ?? household.status;
  return {
    ...household,
    status,
    status_word_zh: null,
    people_moved: row.entry.people ?? null,
    confirmed_by: row.entry.confirmed_by ?? null,
    confirmed_at: row.entry.at,
  };
}

function laterChange(household: TonightHousehold, row: OutboxRow): LaterChange | null {
  const mine = row.entry.status;
  if (row.noted || mine === undefined || mine === household.status) return null;
  return {
    client_id: row.client_id,
    mine,
    mine_at: row.entry.at,
    box: household.status,
    box_by: household.confirmed_by ?? null,
    box_at: household.confirmed_at ?? null,
  };
}

function shownHousehold(household: TonightHousehold, rows: readonly OutboxRow[], snapshot: Snapshot): ShownHousehold {
  const taken = rows.filter((row) => row.state !== "refused");
  const last = taken.at(-1);
  if (last === undefined) return { ...household, standing: "box", later_change: null };
  if (!mayBeMissingFrom(snapshot, last)) {
    return { ...household, standing: "box", later_change: laterChange(household, last) };
  }
  return {
    ...withRow(household, last),
    standing: last.state === "waiting" ? "phone" : "box",
    later_change: null,
  };
}

function sum(parts: readonly Totals[]): Totals {
  return parts.reduce(
    (all, part) => ({
      should: all.should + part.should,
      moved: all.moved + part.moved,
      away: all.away + part.away,
      not_yet: all.not_yet + part.not_yet,
    }),
    { should: 0, moved: 0, away: 0, not_yet: 0 },
  );
}

function shownTotals(tonight: Tonight, groups: readonly ShownGroup[]): Totals {
  const before = sum(tonight.groups.flatMap((group) => group.households).map(share));
  const after = sum(groups.flatMap((group) => group.households).map(share));
  // The box may count people this phone does not list; only our own entries shift its totals.
  return {
    should: tonight.totals.should + after.should - before.should,
    moved: tonight.totals.moved + after.moved - before.moved,
    away: tonight.totals.away + after.away - before.away,
    not_yet: tonight.totals.not_yet + after.not_yet - before.not_yet,
  };
}

function groupKey(group: TonightGroup, index: number): string {
  return group.head_person_id ?? `without-head-${index}`;
}

/** The last picture plus what this phone knows better. Pure: no clock, no storage. */
export function overlay(snapshot: Snapshot, rows: readonly OutboxRow[]): Shown {
  const byHousehold = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const id = row.entry.household_id;
    if (row.entry.kind !== "household_status" || id === undefined) continue;
    const list = byHousehold.get(id);
    if (list === undefined) byHousehold.set(id, [row]);
    else list.push(row);
  }
  const groups = snapshot.tonight.groups.map((group, index): ShownGroup => {
    const households = group.households.map((household) =>
      shownHousehold(household, byHousehold.get(household.id) ?? [], snapshot),
    );
    return {
      key: groupKey(group, index),
      head_name: group.head_name,
      households,
      open: households.filter((household) => !isFinished(household)).length,
    };
  });
  return {
    groups,
    totals: shownTotals(snapshot.tonight, groups),
    answer: shownAnswer(snapshot, rows),
  };
}

function shownAnswer(snapshot: Snapshot, rows: readonly OutboxRow[]): ShownAnswer | null {
  const call = snapshot.tonight.call;
  if (call === null) return null;
  const last = rows.findLast(
    (row) => row.entry.kind === "answer" && row.entry.call_id === call.id && row.state !== "refused",
  );
  if (last?.entry.answer_kind !== undefined && mayBeMissingFrom(snapshot, last)) {
    return {
      answer_kind: last.entry.answer_kind,
      at: last.entry.at,
      standing: last.state === "waiting" ? "phone" : "box",
    };
  }
  if (call.answer_kind === null) return null;
  const mine = last?.entry.answer_kind === call.answer_kind ? last.entry.at : null;
  return { answer_kind: call.answer_kind, at: call.answered_at ?? mine, standing: "box" };
}
