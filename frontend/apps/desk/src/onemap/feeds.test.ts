import type { AlertDetail, BaseMap } from "@fengsui/api";
import { inventCounty, Night, OPENED_AT_MS, warningDetail } from "@fengsui/testing";
import { describe, expect, it } from "vitest";

import { namesOf, prefixOf, tonesOf, warningArea } from "./feeds";

const county = inventCounty();
const night = new Night(county);

describe("the warning area", () => {
  const detail = warningDetail(night, "active", true);
  it("is the warning's own polygon where it has one", () => {
    expect(warningArea(detail, county.base).features).toHaveLength(1);
  });
  it("is the named townships where it has none", () => {
    const bare: AlertDetail = { ...detail, area: { codes: ["990126101000", "990126104200"], polygons: [], geojson: null } };
    const codes = warningArea(bare, county.base).features.map((feature) => feature.properties["code"]);
    expect(codes).toEqual(["990126101000", "990126104000"]);
  });
  it("is nothing without a warning", () => {
    expect(warningArea(null, county.base).features).toEqual([]);
  });
});

it("a code covers what shares its digits", () => {
  expect(prefixOf("433126000000")).toBe("433126");
  expect(prefixOf("433126101000")).toBe("433126101");
  expect(prefixOf("433126101005")).toBe("433126101005");
});

it("names every village, also those without a point", () => {
  const names = namesOf(county.base as BaseMap);
  expect(county.villages.every((village) => names.get(village.code) === village.name)).toBe(true);
});

it("colours exactly the villages that are called", () => {
  const tones = tonesOf(night.board(120, true));
  expect([...tones.keys()].sort()).toEqual([...county.warningCodes].sort());
});

it("the invented night only ever reaches more people, and its sums hold", () => {
  let before = 0;
  for (let seconds = 0; seconds <= 960; seconds += 30) {
    const board = night.board(seconds, true);
    const reached = board.called - board.unanswered;
    expect(reached).toBeGreaterThanOrEqual(before);
    expect(reached).toBe(board.answered + board.reached_in_person);
    before = reached;
  }
  expect(new Date(OPENED_AT_MS).toISOString()).toBe("2026-07-16T18:10:05.000Z");
});
