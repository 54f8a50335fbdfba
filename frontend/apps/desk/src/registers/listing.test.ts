import type { Ledger, LedgerColumn } from "@fengsui/api";
import { expect, it } from "vitest";

import { activeFilters, columnOrder, fresh, fromView, isNarrowed, moveColumn, shownColumns, tidy, toQuery } from "./listing";
import { column, households } from "./testLedger";

const words = {
  name: (one: LedgerColumn) => one.zh,
  value: (_: LedgerColumn, value: unknown) => String(value),
  from: "从",
  to: "到",
};

it("a question holds only what was asked", () => {
  expect(toQuery(fresh())).toEqual({});
  expect(
    toQuery({ q: " 石 ", under: { code: "990126101000", name: "石坝乡" }, order: { column: "people", descending: true }, state: "all", where: { care: "carry", people: [null, null], name: "" }, columns: null }),
  ).toEqual({ q: "石", under: "990126101000", order: "-people", state: "all", where: { care: "carry" } });
});

it("false and zero are filters, blanks are none", () => {
  expect(tidy({ away: false, people: [0, null], name: "", care: null })).toEqual({ away: false, people: [0, null] });
  expect(isNarrowed({ ...fresh(), where: { away: false } })).toBe(true);
  expect(isNarrowed({ ...fresh(), where: { name: "" }, order: { column: "name", descending: false } })).toBe(false);
});

it("a view comes back as it was saved, without what the register no longer has", () => {
  const listing = { q: "田", under: { code: "990126101000", name: "990126101000" }, order: { column: "people", descending: true }, state: "current" as const, where: { care: "carry" }, columns: ["people", "name"] };
  const again = fromView({ query: toQuery(listing), columns: listing.columns }, households, (code) => code);
  expect(again).toEqual(listing);
  const old = fromView({ query: { order: "-gone", where: { gone: 1, care: "help" } }, columns: ["gone"] }, households, (code) => code);
  expect(old.order).toBeNull();
  expect(old.where).toEqual({ care: "help" });
  expect(old.columns).toBeNull();
});

it("columns stand in the chosen order, and never none at all", () => {
  expect(shownColumns(households, { columns: null }).map((one) => one.name)).toEqual(["name", "place_code", "people", "phone", "care", "away"]);
  expect(shownColumns(households, { columns: ["care", "name"] }).map((one) => one.name)).toEqual(["care", "name"]);
  expect(shownColumns(households, { columns: ["gone"] }).map((one) => one.name)).toEqual(["name"]);
  expect(columnOrder(households, ["care"]).map((one) => one.name)[0]).toBe("care");
  expect(columnOrder(households, ["care"])).toHaveLength(households.columns.length);
});

it("a column moves one step and stops at the ends", () => {
  expect(moveColumn(["a", "b", "c"], "b", -1)).toEqual(["b", "a", "c"]);
  expect(moveColumn(["a", "b", "c"], "c", 1)).toEqual(["a", "b", "c"]);
  expect(moveColumn(["a", "b"], "gone", 1)).toEqual(["a", "b"]);
});

it("filters are said in words, a range with its two ends", () => {
  expect(activeFilters(households, { people: [3, null], care: "help", gone: 1 }, words)).toEqual([
    { column: "people", label: "人口", text: "从 3" },
    { column: "care", label: "需协助转移", text: "help" },
  ]);
  const narrow: Ledger = { ...households, columns: [column("people", "人口", "whole", { filter: "range" })] };
  expect(activeFilters(narrow, { people: [3, 5] }, words)[0]?.text).toBe("从 3 到 5");
});
