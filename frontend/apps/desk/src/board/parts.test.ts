import type { Board } from "@fengsui/api";
import { expect, it } from "vitest";

import { partsOf, VIEWS } from "./parts";

const board = {
  callout: { opened_at: "2026-07-16T18:00:00Z", now: "2026-07-16T18:01:00Z" },
  units: { called: 3, answered: 0, unanswered: [] },
  by_place: [
    { code: "990101101201", name: "甲村", called: 4, answered: 4, unanswered: 0, state: "answered" },
    { code: "990101102201", name: "乙村", called: 4, answered: 1, unanswered: 3, state: "calling" },
    { code: "990101102202", name: "丙村", called: 2, answered: 0, unanswered: 2, state: "unanswered" },
  ],
  by_township: [
    { code: "990101101000", name: "子乡", called: 4, answered: 4, unanswered: 0, villages: 1, silent: 0, state: "answered" },
    { code: "990101102000", name: "丑乡", called: 6, answered: 1, unanswered: 5, villages: 2, silent: 1, state: "unanswered" },
  ],
  by_rung: [{ rung: 0, word_zh: "A岗", word_en: "first holder", unanswered: 3, answers: 5 }],
  by_channel: [{ channel: "voice", tries: 9, beside: 2, handed_over: 9, delivered: 7, acknowledged: 5, failed: 2 }],
} as unknown as Board;

it("every grouping counts the same people, the most pressing first", () => {
  expect(partsOf(board, "township").map((one) => one.name.zh)).toEqual(["丑乡", "子乡"]);
  expect(partsOf(board, "village").map((one) => one.name.zh)).toEqual(["丙村", "乙村", "甲村"]);
  for (const view of ["township", "village"] as const) expect(partsOf(board, view).reduce((sum, one) => sum + one.open, 0)).toBe(5);
  expect(partsOf(board, "rung")[0]?.figures).toEqual([3, 5]);
  expect(partsOf(board, "channel")[0]).toMatchObject({ done: 5, open: 2, figures: [9, 2, 7, 5, 2] });
  expect(VIEWS.length).toBe(4);
});
