import { expect, it } from "vitest";

import { fromBeijingField, untilOf } from "./until";

const at = (iso: string): number => Date.parse(iso);

it("means the next eight o'clock that is worth standing in for", () => {
  expect(untilOf("morning", at("2026-07-17T22:00:00+08:00"))).toBe("2026-07-18T00:00:00.000Z");
  expect(untilOf("morning", at("2026-07-18T02:10:00+08:00"))).toBe("2026-07-18T00:00:00.000Z");
  expect(untilOf("morning", at("2026-07-18T07:00:00+08:00"))).toBe("2026-07-19T00:00:00.000Z");
  expect(untilOf("morning", at("2026-07-18T08:00:00+08:00"))).toBe("2026-07-19T00:00:00.000Z");
});

it("counts days from now", () => {
  expect(untilOf("three", at("2026-07-17T22:00:00+08:00"))).toBe("2026-07-20T14:00:00.000Z");
});

it("reads a field of the page as Beijing time, whatever the machine's zone", () => {
  expect(fromBeijingField("2026-07-18T08:00")).toBe("2026-07-18T00:00:00.000Z");
  expect(fromBeijingField("")).toBe("");
});
