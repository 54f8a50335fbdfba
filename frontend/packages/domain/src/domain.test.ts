import { describe, expect, it } from "vitest";

import {
  alertTitle,
  balanceHolds,
  balanceOf,
  clock,
  clockWithSeconds,
  curveShape,
  curveSpan,
  day,
  HOUSEHOLD_STATUS_WORDS,
  type HouseholdStatus,
  lengthOf,
  placesShown,
  reachedUnits,
  sharePath,
  SIDE_OF_STATUS,
  silentUnits,
  span,
  titleWithin,
} from "./index";

describe("times are Beijing times", () => {
  it("shows the clock eight hours after UTC, over midnight too", () => {
    expect(clockWithSeconds("2026-07-16T18:10:05Z")).toBe("02:10:05");
    expect(clock("2026-07-16T15:59:59Z")).toBe("23:59");
    expect(day("2026-07-16T18:10:00Z").zh).toBe("7月17日 周五");
  });
  it("says a dash where there is no time", () => {
    expect(clock(null)).toBe("—");
  });
  it("keeps the sign of what is overdue", () => {
    expect(span(372)).toBe("06:12");
    expect(span(3972)).toBe("1:06:12");
    expect(span(-5)).toBe("−00:05");
  });
});

describe("the balance", () => {
  const statuses = Object.keys(HOUSEHOLD_STATUS_WORDS) as HouseholdStatus[];
  it("holds for any mix of statuses", () => {
    for (let seed = 1; seed < 200; seed += 1) {
      const households = Array.from({ length: seed % 17 }, (_, index) => ({
        people: (seed * 7 + index * 3) % 9,
        status: statuses[(seed + index) % statuses.length] ?? "not_yet",
      }));
      expect(balanceHolds(balanceOf(households))).toBe(true);
    }
  });
  it("counts as safe only who moved or is away", () => {
    const notSafe = statuses.filter((status) => SIDE_OF_STATUS[status] === "not_yet");
    expect(notSafe).toEqual(["not_yet", "told", "knocked_no_answer", "needs_help", "refuses"]);
  });
});

describe("the name of an alert", () => {
  it("uses the words of an official warning only for an official warning", () => {
    const rain = { level: "red", category_name: "暴雨" } as const;
    expect(alertTitle({ ...rain, kind: "official_warning" }).zh).toBe("暴雨红色预警");
    expect(alertTitle({ ...rain, kind: "official_warning" }).en).toBe("Red rainstorm warning");
    expect(alertTitle({ ...rain, kind: "monitoring_alarm" }).zh).not.toContain("预警");
    expect(alertTitle({ ...rain, kind: "evacuation_instruction" }).zh).toBe("转移避险指令 · 暴雨");
  });
});

describe("the reached curve", () => {
  it("steps up at each answer and stops at now", () => {
    const shape = curveShape([[0, 0], [60, 5], [120, 10]], 10, 120, 60, null, 100, 50);
    expect(shape.end).toEqual({ x: 50, y: 25 });
    expect(shape.line).not.toContain("100");
    expect(shape.projection).toBe("");
  });
  it("projects only while somebody is missing", () => {
    expect(curveShape([[30, 5]], 10, 480, 60, 200, 100, 50).projection).toContain("Q");
    expect(curveShape([[30, 10]], 10, 480, 60, 200, 100, 50).projection).toBe("");
  });
  it("never lets a far projection squeeze the past", () => {
    expect(curveSpan(560, 4189)).toBeLessThanOrEqual(1200);
    expect(curveSpan(30, null)).toBe(480);
  });
});

describe("villages", () => {
  const units = {
    called: 3,
    unanswered: [
      { code: "a", state: "waiting" },
      { code: "b", state: "acknowledged" },
    ],
  };
  const board = (seconds: number) => ({
    callout: { opened_at: "2026-07-16T18:10:00Z", now: new Date(Date.parse("2026-07-16T18:10:00Z") + seconds * 1000).toISOString() },
    units,
    by_place: [
      { code: "a", state: "calling" as const },
      { code: "b", state: "calling" as const },
    ],
  });
  it("are silent until a post-holder acknowledged", () => {
    expect(silentUnits(units).map((unit) => unit.code)).toEqual(["a"]);
    expect(reachedUnits(units)).toBe(2);
  });
  it("turn red only once their time has passed", () => {
    expect(placesShown(board(60)).map((place) => place.state)).toEqual(["calling", "calling"]);
    expect(placesShown(board(200)).map((place) => place.state)).toEqual(["unanswered", "calling"]);
  });
  it("are not repeated in the title of a post", () => {
    expect(titleWithin("桂洞村村支书", "桂洞村")).toBe("村支书");
    expect(titleWithin("村支书", "桂洞村")).toBe("村支书");
  });
});

it("counts characters as a reader does", () => {
  expect(lengthOf("𠮷野家")).toBe(3);
});

describe("nights of unequal size beside one another", () => {
  it("half of ten and half of a thousand are the same height", () => {
    const ten = sharePath([[0, 0], [60, 5]], 10, 120, 120, 100, 50);
    const thousand = sharePath([[0, 0], [60, 500]], 1000, 120, 120, 100, 50);
    expect(ten).toBe(thousand);
    expect(ten).toContain("L50 25");
    expect(ten.endsWith("L100 25")).toBe(true);
  });
  it("draws nothing where nobody is called, and nothing after now", () => {
    expect(sharePath([[0, 0]], 0, 120, 60, 100, 50)).toBe("");
    expect(sharePath([[0, 0], [90, 5]], 10, 120, 60, 100, 50)).not.toContain("25");
  });
});
