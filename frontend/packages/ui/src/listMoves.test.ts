import { expect, it } from "vitest";

import { nextRow, nextSorting, select } from "./listMoves";

it("arrows stop at both ends and enter an untouched list from their side", () => {
  expect(nextRow("ArrowDown", -1, 3)).toBe(0);
  expect(nextRow("ArrowUp", -1, 3)).toBe(2);
  expect(nextRow("ArrowDown", 2, 3)).toBe(2);
  expect(nextRow("ArrowUp", 0, 3)).toBe(0);
});

it("pages by what is visible, and Home and End reach what is loaded", () => {
  expect(nextRow("PageDown", 5, 100, 20)).toBe(25);
  expect(nextRow("PageDown", 95, 100, 20)).toBe(99);
  expect(nextRow("PageUp", 5, 100, 20)).toBe(0);
  expect(nextRow("Home", 50, 100)).toBe(0);
  expect(nextRow("End", 50, 100)).toBe(99);
});

it("leaves an empty list and other keys alone", () => {
  expect(nextRow("ArrowDown", -1, 0)).toBeNull();
  expect(nextRow("a", 1, 3)).toBeNull();
});

it("a column's head sorts up, down, and then no longer", () => {
  const up = nextSorting(null, "name");
  expect(up).toEqual({ column: "name", descending: false });
  const down = nextSorting(up, "name");
  expect(down).toEqual({ column: "name", descending: true });
  expect(nextSorting(down, "name")).toBeNull();
  expect(nextSorting(down, "code")).toEqual({ column: "code", descending: false });
});

it("Shift selects everything between, in either direction, and keeps what was chosen", () => {
  const order = ["a", "b", "c", "d", "e"];
  expect([...select(new Set(), order, "b", null)]).toEqual(["b"]);
  expect([...select(new Set(["b"]), order, "b", null)]).toEqual([]);
  expect([...select(new Set(["b"]), order, "d", "b")].sort()).toEqual(["b", "c", "d"]);
  expect([...select(new Set(["e"]), order, "a", "c")].sort()).toEqual(["a", "b", "c", "e"]);
  expect([...select(new Set(["a"]), order, "c", "gone")].sort()).toEqual(["a", "c"]);
});
