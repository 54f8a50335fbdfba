import { expect, test } from "vitest";

import { atHourTonight, offset, wholeMinutes } from "./paper";

test("two in the morning is the next one, in Beijing, whatever the day", () => {
  expect(atHourTonight("night", Date.parse("2026-07-17T15:00:00Z"))).toBe("2026-07-17T18:00:00.000Z");
  expect(atHourTonight("night", Date.parse("2026-07-17T18:10:00Z"))).toBe("2026-07-18T18:00:00.000Z");
  expect(atHourTonight("noon", Date.parse("2026-07-17T18:10:00Z"))).toBe("2026-07-18T04:00:00.000Z");
  expect(atHourTonight("now", 0)).toBeNull();
});

test("minutes are never rounded down", () => {
  expect(wholeMinutes(61)).toBe(2);
  expect(wholeMinutes(0)).toBe(0);
  expect(offset(185)).toBe("3:05");
});
