import { describe, expect, it } from "vitest";
import type { OutboxRow, Snapshot } from "./database";
import { overlay, share } from "./overlay";
import type { FieldEntry, TonightHousehold } from "./types";

const ASKED = 1_000;

function household(id: string, people: number, more: Partial<TonightHousehold> = {}) {
  return { id, label: `示意户 ${id}`, people, assist_level: 0, status: "not_yet" as const, ...more };
}

function snapshot(households: TonightHousehold[]): Snapshot {
  const totals = { should: 0, moved: 0, away: 0, not_yet: 0 };
  for (const part of households.map(share)) {
    for (const key of ["should", "moved", "away", "not_yet"] as const) totals[key] += part[key];
  }
  return {
    person_id: "1",
    asked_at: ASKED,
    got_at: ASKED + 100,
    tonight: {
      alert: null,
      call: { id: "9", state: "calling", answer_kind: null },
      totals,
      groups: [{ head_person_id: "5", head_name: "示意丙", households }],
      server_time: "2026-07-16T18:12:00Z",
    },
  };
}

function row(entry: Partial<FieldEntry>, more: Partial<OutboxRow> = {}): OutboxRow {
  return {
    client_id: "a",
    person_id: "1",
    state: "waiting",
    entry: {
      client_id: "a",
      kind: "household_status",
      at: "2026-07-16T18:14:00Z",
      ...entry,
    },
    label: "",
    previous_status: "not_yet",
    body: "",
    signature: null,
    key_id: "",
    carried: null,
    met: null,
    settled_at: null,
    problem: null,
    noted: false,
    ...more,
  };
}

describe("overlay", () => {
  it("shows a waiting entry at once and says that only the phone has it", () => {
    const shown = overlay(snapshot([household("1", 4), household("2", 3)]), [
      row({ household_id: "1", status: "moved_central", people: 4 }),
    ]);
    expect(shown.groups[0]?.households[0]).toMatchObject({
      status: "moved_central",
      standing: "phone",
    });
    expect(shown.totals).toEqual({ should: 7, moved: 4, away: 0, not_yet: 3 });
    expect(shown.groups[0]?.open).toBe(1);
  });

  it("keeps the balance when only part of a household moved", () => {
    const shown = overlay(snapshot([household("1", 4)]), [
      row({ household_id: "1", status: "moved_relatives", people: 3 }),
    ]);
    expect(shown.totals).toEqual({ should: 4, moved: 3, away: 0, not_yet: 1 });
  });

  it("counts more people than the list knew of", () => {
    const shown = overlay(snapshot([household("1", 4)]), [
      row({ household_id: "1", status: "moved_central", people: 5 }),
    ]);
    expect(shown.totals).toEqual({ should: 5, moved: 5, away: 0, not_yet: 0 });
  });

  it("does not fall back between the answer and the next picture", () => {
    const received = row({ household_id: "1", status: "away" }, { state: "received", settled_at: ASKED + 50 });
    const shown = overlay(snapshot([household("1", 4)]), [received]);
    expect(shown.groups[0]?.households[0]).toMatchObject({ status: "away", standing: "box" });
  });

  it("shows both values when somebody else recorded something later", () => {
    const received = row({ household_id: "1", status: "moved_central" }, { state: "received", settled_at: ASKED - 50 });
    const box = household("1", 4, { status: "knocked_no_answer", confirmed_by: "示意乙" });
    const shown = overlay(snapshot([box]), [received]);
    expect(shown.groups[0]?.households[0]?.later_change).toMatchObject({
      mine: "moved_central",
      box: "knocked_no_answer",
      box_by: "示意乙",
    });
    const read = overlay(snapshot([box]), [{ ...received, noted: true }]);
    expect(read.groups[0]?.households[0]?.later_change).toBeNull();
  });

  it("does not show a refused entry as if it stood", () => {
    const shown = overlay(snapshot([household("1", 4)]), [
      row({ household_id: "1", status: "away" }, { state: "refused", settled_at: ASKED + 1 }),
    ]);
    expect(shown.groups[0]?.households[0]).toMatchObject({ status: "not_yet", standing: "box" });
    expect(shown.totals.not_yet).toBe(4);
  });

  it("shows the last answer, waiting or from the box", () => {
    const answer = row({ kind: "answer", call_id: "9", answer_kind: "on_it" });
    expect(overlay(snapshot([]), [answer]).answer).toMatchObject({
      answer_kind: "on_it",
      standing: "phone",
    });
    const fromBox = snapshot([]);
    fromBox.tonight.call = { id: "9", state: "answered", answer_kind: "need_support" };
    expect(overlay(fromBox, []).answer).toEqual({
      answer_kind: "need_support",
      at: null,
      standing: "box",
    });
  });
});
