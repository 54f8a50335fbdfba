import { ApiProblem } from "@fengsui/api";
import { expect, it } from "vitest";

import { cellText, placeParts, pointText, tableColumn, titleOf } from "./cells";
import { changesOf, clashesOf, filled, formColumns, momentInput, readMoment, readPoint, settle, steps } from "./drafts";
import { column, household, households } from "./testLedger";

const columns = formColumns(households, false);
const seen = household("1").values;

it("only what differs is sent, with the value that was seen", () => {
  expect(changesOf(columns, seen, { ...seen, people: 5 })).toEqual({ changes: { people: 5 }, expected: { people: 4 } });
  expect(changesOf(columns, seen, { ...seen, point: [...(seen["point"] as [number, number])] }).changes).toEqual({});
});

it("an untouched masked number is never sent, and empty is empty however it is written", () => {
  expect(changesOf(columns, seen, { ...seen }).changes).toEqual({});
  expect(changesOf(columns, { name: null }, { name: "" }).changes).toEqual({});
  expect(changesOf(columns, { away: false }, { away: true }).expected).toEqual({ away: false });
});

it("what is fixed once registered is asked for in a new row only", () => {
  expect(columns.map((one) => one.name)).not.toContain("place_code");
  expect(formColumns(households, true).map((one) => one.name)).toContain("place_code");
  expect(filled({ name: "示意甲", phone: "", people: 0, away: false, care: null })).toEqual({ name: "示意甲", people: 0, away: false });
});

it("after a clash the chosen value is sent against the one that stands now", () => {
  const problem = new ApiProblem(409, "x", "", "", { conflicts: [{ column: "people", theirs: 9, shown: "9 人", by: "示意丙", at: null }] });
  const clashes = clashesOf(problem);
  const draft = { ...seen, people: 5, care: "carry" };
  const kept = settle(seen, draft, clashes, new Set(["people"]));
  expect(changesOf(columns, kept.seen, kept.draft)).toEqual({ changes: { people: 5, care: "carry" }, expected: { people: 9, care: "help" } });
  const yielded = settle(seen, draft, clashes, new Set());
  expect(changesOf(columns, yielded.seen, yielded.draft).changes).toEqual({ care: "carry" });
  expect(clashesOf(new ApiProblem(422, "x", "", "", { conflicts: [] }))).toEqual([]);
});

it("a position is read in the ways people paste it, and nothing else is guessed", () => {
  expect(readPoint("109.95123, 28.61234")).toEqual([1_099_512_300, 286_123_400]);
  expect(readPoint("109.95123，28.61234")).toEqual([1_099_512_300, 286_123_400]);
  expect(readPoint("109.95123 28.61234")).toEqual([1_099_512_300, 286_123_400]);
  for (const wrong of ["", "109.95", "东经109", "28.6, 109.9, 3", "200, 20", "20, 95"]) expect(readPoint(wrong), wrong).toBeNull();
  expect(pointText(readPoint("109.95123, 28.61234"))).toBe("109.95123, 28.61234");
});

it("moments go through the browser's field in Beijing time and back", () => {
  expect(momentInput(1_784_254_440)).toBe("2026-07-17T10:14");
  expect(readMoment("2026-07-17T10:14")).toBe(1_784_254_440);
  expect(readMoment("")).toBeNull();
  expect(momentInput(null)).toBe("");
});

it("what one step changed stands together, each with what stood before it", () => {
  const said = (field: string, shown: string, change_set_id: string | null, at: string, before: string | null = null) => ({ column: field, field, zh: field, en: field, shown, before, at, by: "示意丙", is_standing: true, note: "", change_set_id });
  const history = [said("people", "4", "s2", "2026-07-17T00:00:00Z"), said("care", "需协助", "s2", "2026-07-17T00:00:00Z"), said("people", "3", "s1", "2026-07-10T00:00:00Z", "2"), said("care", "", null, "2026-07-01T00:00:00Z")];
  expect(steps(history).map((one) => [one.changeSetId, one.lines.map((line) => [line.change.shown, line.before])])).toEqual([
    [
      "s2",
      [
        ["4", "3"],
        ["需协助", ""],
      ],
    ],
    ["s1", [["3", "2"]]],
    [null, [["", null]]],
  ]);
});

it("a cell says places and choices in words, flags as yes or no, and nothing as a dash", () => {
  const row = household("1");
  const text = (name: string) => cellText(households.columns.find((one) => one.name === name) ?? column(name, name), row, "zh");
  expect(text("place_code")).toBe("石滩村一组");
  expect(text("care")).toBe("需协助");
  expect(text("away")).toBe("否");
  expect(text("people")).toBe("4 人");
  expect(text("checked")).toBe("2026-07-17 10:14:36");
  expect(text("gone")).toBe("—");
  expect(titleOf(households, row, "zh")).toBe("示意甲1");
  const village = { id: "990126101200", values: { code: "990126101200" }, shown: { code: "石滩村" } };
  expect(cellText(column("code", "代码", "place"), village, "zh")).toBe("990126101200");
  expect(placeParts("青溪镇 青溪社区 1-1组")).toEqual({ name: "1-1组", rest: "青溪镇 青溪社区" });
  expect(placeParts("示意县")).toEqual({ name: "示意县", rest: "" });
});

it("a column is wide enough for its head and its arrow", () => {
  const long = column("x", "需要协助转移的人员数量", "whole", { sortable: true });
  expect(tableColumn(long, "zh").width).toBeGreaterThan(11 * 14 + 40);
});
