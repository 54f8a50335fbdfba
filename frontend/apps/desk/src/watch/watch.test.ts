import { expect, it } from "vitest";

import { dayCells } from "./watch";

it("marks exactly the Beijing days that a gap touches", () => {
  const cells = dayCells("2026-07-16T18:10:00Z", 4, [{ from_at: "2026-07-18T00:00:00Z", until_at: "2026-07-18T12:00:00Z" }]);
  expect(cells.map((one) => one.key)).toEqual(["2026-07-17", "2026-07-18", "2026-07-19", "2026-07-20"]);
  expect(cells.map((one) => one.hasGap)).toEqual([false, true, false, false]);
});

it("does not blame a day for a gap that ends as it begins", () => {
  const midnight = "2026-07-17T16:00:00Z";
  const cells = dayCells("2026-07-16T18:10:00Z", 3, [{ from_at: "2026-07-17T04:00:00Z", until_at: midnight }]);
  expect(cells.map((one) => one.hasGap)).toEqual([true, false, false]);
});
