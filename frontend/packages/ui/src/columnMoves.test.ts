import { expect, it } from "vitest";

import { moveIn } from "./columnMoves";

const LENGTHS = [3, 0, 1, 2];

it("down and up run on into the neighbouring column and around the ends", () => {
  expect(moveIn(LENGTHS, { column: 0, row: 0 }, "ArrowDown")).toEqual({ column: 0, row: 1 });
  expect(moveIn(LENGTHS, { column: 0, row: 2 }, "ArrowDown")).toEqual({ column: 2, row: 0 });
  expect(moveIn(LENGTHS, { column: 2, row: 0 }, "ArrowUp")).toEqual({ column: 0, row: 2 });
  expect(moveIn(LENGTHS, { column: 3, row: 1 }, "ArrowDown")).toEqual({ column: 0, row: 0 });
  expect(moveIn(LENGTHS, { column: 0, row: 0 }, "ArrowUp")).toEqual({ column: 3, row: 1 });
});

it("aside keeps the row where the column is long enough, and passes by empty columns", () => {
  expect(moveIn(LENGTHS, { column: 0, row: 2 }, "ArrowRight")).toEqual({ column: 2, row: 0 });
  expect(moveIn(LENGTHS, { column: 0, row: 1 }, "ArrowLeft")).toEqual({ column: 3, row: 1 });
});

it("Home and End go to the outermost, other keys are left to the browser", () => {
  expect(moveIn(LENGTHS, { column: 2, row: 0 }, "Home")).toEqual({ column: 0, row: 0 });
  expect(moveIn(LENGTHS, { column: 0, row: 0 }, "End")).toEqual({ column: 3, row: 1 });
  expect(moveIn(LENGTHS, { column: 0, row: 0 }, "Tab")).toBeNull();
  expect(moveIn([], { column: 0, row: 0 }, "ArrowDown")).toBeNull();
});

it("from nowhere an arrow enters at the first", () => {
  expect(moveIn(LENGTHS, { column: -1, row: -1 }, "ArrowDown")).toEqual({ column: 0, row: 0 });
});
