import { describe, expect, it } from "vitest";

import { conflictsOf } from "./conflicts";
import type { OutboxRow, Snapshot } from "./database";
import { overlay } from "./overlay";
import type { HouseholdStatus, Met } from "./types";

const MET: Met = {
  status: "away",
  people_moved: 0,
  observed_at: "2026-07-16T18:40:00Z",
  person_name: "示意己",
  title: "村支书",
  holds: "other",
};

function row(met: Met | null, more: Partial<OutboxRow> = {}): OutboxRow {
  return {
    seq: 1,
    client_id: "a",
    person_id: "1",
    state: "received",
    entry: {
      client_id: "a",
      kind: "household_status",
      household_id: "7",
      status: "moved_central",
      people: 4,
      at: "2026-07-16T18:31:00Z",
    },
    label: "示意户 7",
    previous_status: "not_yet",
    settled_at: 5,
    problem: null,
    noted: false,
    body: "",
    signature: null,
    key_id: "",
    carried: null,
    met,
    ...more,
  };
}

function shown(status: HouseholdStatus, rows: OutboxRow[], askedAt = 1) {
  const household = {
    id: "7",
    label: "示意户 7",
    people: 4,
    assist_level: 0,
    status,
    confirmed_by: "儿子",
    confirmed_at: MET.observed_at,
  };
  const snapshot: Snapshot = {
    person_id: "1",
    asked_at: askedAt,
    got_at: askedAt,
    tonight: {
      alert: null,
      call: null,
      totals: { should: 4, moved: 0, away: 0, not_yet: 4 },
      groups: [{ head_person_id: null, head_name: null, households: [household] }],
      server_time: "2026-07-16T18:45:00Z",
    },
  };
  return overlay(snapshot, rows);
}

describe("two people saw different things", () => {
  it("gives both values and who holds, from the answer to the entry", () => {
    const rows = [row(MET)];
    const [conflict] = conflictsOf(shown("not_yet", rows), rows);
    expect(conflict).toMatchObject({
      mine: "moved_central",
      mine_people: 4,
      other: "away",
      other_people: null,
      other_title: "村支书",
      holds: "other",
    });
  });

  it("is said once a household, also when the list shows it too", () => {
    const rows = [row(MET)];
    expect(conflictsOf(shown("away", rows, 9), rows)).toHaveLength(1);
  });

  it("is said when somebody changes it afterwards", () => {
    const rows = [row(null)];
    expect(conflictsOf(shown("refuses", rows, 9), rows)[0]).toMatchObject({ other: "refuses", holds: "other" });
  });

  it("is silent once read, and about what was on the screen at the tap", () => {
    for (const rows of [
      [row(MET, { noted: true })],
      [row({ ...MET, holds: "mine" }, { previous_status: "away" })],
      [row(null)],
    ]) {
      expect(conflictsOf(shown("moved_central", rows), rows)).toEqual([]);
    }
  });

  it("does not come back after “mine is right” was recorded as a new observation", () => {
    const again = row({ ...MET, holds: "mine" }, { seq: 2, client_id: "b", previous_status: "moved_central" });
    const rows = [row(MET, { noted: true }), again];
    expect(conflictsOf(shown("moved_central", rows), rows)).toEqual([]);
  });
});
