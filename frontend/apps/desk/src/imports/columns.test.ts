import type { ImportStanding, ImportTarget } from "@fengsui/api";
import { expect, it } from "vitest";

import { hasPoint, headerLines, missing, twice } from "./columns";
import { stoppedFor } from "./sending";

const target = (name: string, required = false, takes_several = false): ImportTarget => ({ name, zh: name, en: name, required, takes_several });
const targets = [target("row_id"), target("place_code", true, true), target("label", true), target("point.lon"), target("point.lat")];

it("says what is still required, and nothing where rows are named by number", () => {
  expect(missing(targets, { 村: "place_code", 户主: null }, {}).map((one) => one.name)).toEqual(["label"]);
  expect(missing(targets, { 编号: "row_id" }, {})).toEqual([]);
  expect(missing(targets, { 户主: "label" }, { place_code: "439901101201" })).toEqual([]);
});

it("lets a place stand in several columns and a name in one", () => {
  expect(twice(targets, { 镇: "place_code", 村: "place_code" })).toEqual([]);
  expect(twice(targets, { 甲: "label", 乙: "label" }).map((one) => one.name)).toEqual(["label"]);
});

it("asks for the system of coordinates only where there are some", () => {
  expect(hasPoint({ 经度: "point.lon" })).toBe(true);
  expect(hasPoint({ 户主: "label" })).toBe(false);
});

it("shows what stands below each header, without columns of nothing", () => {
  const standing = { headers: ["村", "", "户主"], data_row: 3, first_rows: [["登记表"], ["村", "", "户主"], ["石滩村", "", "甲"], ["石滩村", "", "乙"]] };
  expect(headerLines(standing as unknown as ImportStanding)).toEqual([
    { header: "村", place: 0, samples: ["石滩村"] },
    { header: "户主", place: 2, samples: ["甲", "乙"] },
  ]);
});

it("goes on with the file that stopped on its way, and with no other", () => {
  const line = (state: string, file_name: string, ledger = "households") => ({ id: file_name, state, file_name, ledger }) as never;
  const recent = [line("checked", "a.xlsx"), line("receiving", "a.xlsx"), line("receiving", "b.xlsx", "places")];
  expect(stoppedFor(recent, "households", { name: "a.xlsx" })?.state).toBe("receiving");
  expect(stoppedFor(recent, "households", { name: "b.xlsx" })).toBeUndefined();
});
