import { expect, it } from "vitest";

import { idleState } from "./idle";

const limits = { minutes: 30, warning_minutes: 2 };
it("says nothing while somebody works, asks in the last two minutes, and ends", () => {
  expect(idleState(27 * 60_000, limits)).toMatchObject({ asks: false, isOver: false });
  expect(idleState(28 * 60_000, limits)).toEqual({ asks: true, isOver: false, secondsLeft: 120 });
  expect(idleState(30 * 60_000, limits)).toEqual({ asks: true, isOver: true, secondsLeft: 0 });
});
