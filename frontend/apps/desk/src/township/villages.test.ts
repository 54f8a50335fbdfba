import type { Board, ContactRow, UnansweredItem } from "@fengsui/api";
import { expect, it } from "vitest";

import { villagesOf } from "./villages";

const place = (code: string, state: "answered" | "calling" | "unanswered", unanswered: number) => ({ code, name: code, called: 5, answered: 5 - unanswered, unanswered, state });
const board = {
  callout: { opened_at: "2026-07-16T18:00:00Z", now: "2026-07-16T18:01:00Z" },
  units: { called: 4, answered: 0, unanswered: [] },
  by_place: [place("990101101201", "answered", 0), place("990101101202", "calling", 2), place("990101101203", "unanswered", 1), place("990101101204", "calling", 4)],
} as unknown as Board;

it("the lost and the red come first, then who has most people to move", () => {
  const contact = [{ place_code: "990101101202", state: "lost", silent_s: 900 }] as ContactRow[];
  const people = [{ call_id: "1", place_code: "990101101203001" }] as UnansweredItem[];
  const found = villagesOf(board, people, contact, { "990101101204": { should: 9, not_yet: 7 } });
  expect(found.map((one) => one.code.slice(-1))).toEqual(["2", "3", "4", "1"]);
  expect(found[0]?.lostS).toBe(900);
  expect(found[1]?.people.map((one) => one.call_id)).toEqual(["1"]);
  expect(found[2]?.notYet).toBe(7);
  expect(found[3]?.notYet).toBeNull();
});
