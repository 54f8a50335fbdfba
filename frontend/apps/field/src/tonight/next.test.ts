import type { HouseholdStatus } from "@fengsui/data";
import { describe, expect, it } from "vitest";

import { inOrder, nextHousehold } from "./next";

const house = (id: string, status: HouseholdStatus, assist_level = 0) => ({ id, status, assist_level });

describe("the order of the list", () => {
  it("puts trouble first, then the untouched who need help, then the told, then the finished", () => {
    const ids = inOrder([
      house("1", "moved_central"),
      house("2", "told"),
      house("3", "not_yet"),
      house("4", "refuses"),
      house("5", "not_yet", 2),
    ]).map((one) => one.id);
    expect(ids).toEqual(["4", "5", "3", "2", "1"]);
  });
});

describe("the next household", () => {
  it("is the first nobody has recorded, never the one just recorded", () => {
    const list = [house("1", "not_yet"), house("2", "not_yet"), house("3", "knocked_no_answer")];
    expect(nextHousehold(list, "1")?.id).toBe("2");
  });

  it("is nobody when every door was visited", () => {
    expect(nextHousehold([house("1", "told"), house("2", "refuses")], "1")).toBeNull();
  });
});
