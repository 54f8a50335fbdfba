import type { Board } from "@fengsui/api";
import { describe, expect, it } from "vitest";

import { MARKS, NOTES, signalsBetween, type SignalKind } from "./sounds";

function board(change: Partial<Board> = {}, now = "2026-07-16T18:10:00Z", state: Board["callout"]["state"] = "open"): Board {
  return {
    callout: { id: "1", alert_id: "2", state, level: "red", exercise: true, opened_at: "2026-07-16T18:00:00Z", now },
    called: 10,
    answered: 4,
    unanswered: 6,
    reached_in_person: 0,
    unreached_named: 0,
    needs_support: 0,
    units: { called: 2, answered: 0, unanswered: [] },
    curve: [],
    projected_seconds: null,
    by_place: [],
    by_rung: [],
    by_channel: [],
    evacuation: null,
    ...change,
  };
}
const kinds = (before: Board | null, after: Board): SignalKind[] => signalsBetween(before, after).map((one) => one.kind);

describe("what is worth a sound", () => {
  it("is nothing on the first look, and nothing when another call-out is shown", () => {
    expect(kinds(null, board({ needs_support: 3 }))).toEqual([]);
    const other = board({ needs_support: 3 });
    other.callout.id = "9";
    expect(kinds(board(), other)).toEqual([]);
  });
  it("is what became graver, the gravest first, and never what became better", () => {
    const red = { code: "1", called: 3, answered: 0, unanswered: 3, state: "unanswered" as const };
    expect(kinds(board(), board({ needs_support: 1, unreached_named: 2, by_place: [red] }))).toEqual(["support", "named", "silent"]);
    expect(kinds(board({ by_place: [red], unreached_named: 2 }), board({ answered: 8, unanswered: 2 }))).toEqual([]);
  });
  it("is a deadline that ran out between two looks, once", () => {
    const due = { deadlines: [{ what: "answer" as const, at: "2026-07-16T18:10:00Z", count: 6 }] };
    const before = board(due, "2026-07-16T18:09:59Z");
    const at = board(due, "2026-07-16T18:10:00Z");
    expect(kinds(before, at)).toEqual(["deadline"]);
    expect(kinds(at, board(due, "2026-07-16T18:10:02Z"))).toEqual([]);
  });
  it("is the end, when everybody is accounted for", () => {
    expect(kinds(board(), board({}, undefined, "finished"))).toEqual(["finished"]);
    expect(kinds(board(), board({}, undefined, "stopped"))).toEqual([]);
  });
  it("differs in rhythm and in shape, not in pitch or colour alone", () => {
    const rhythms = Object.values(NOTES).map((notes) => notes.map(([, start, length]) => `${start}+${length}`).join(" "));
    expect(new Set(rhythms).size).toBe(rhythms.length);
    expect(new Set(Object.values(MARKS)).size).toBe(Object.keys(MARKS).length);
  });
});
