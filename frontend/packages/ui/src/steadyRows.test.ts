import { expect, it } from "vitest";

import { inOldOrder, neighbour } from "./steadyRows";

const self = (one: string): string => one;

it("rows keep their places while somebody is at them", () => {
  expect(inOldOrder(["a", "b", "c"], ["c", "a", "b"], self)).toEqual(["a", "b", "c"]);
});

it("who has come stands behind in the order given, who left is gone", () => {
  expect(inOldOrder(["a", "b", "c"], ["y", "c", "x", "a"], self)).toEqual(["a", "c", "y", "x"]);
});

it("focus goes to the row that took the place, or to the last", () => {
  expect(neighbour(3, 1)).toBe(1);
  expect(neighbour(2, 2)).toBe(1);
  expect(neighbour(0, 0)).toBe(-1);
});
