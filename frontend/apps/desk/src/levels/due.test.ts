import type { Levels, LevelShown, LevelUnit, LevelUnitState } from "@fengsui/api";
import { describe, expect, it } from "vitest";

import { nextUnit } from "./due";

const unit = (name: string, state: LevelUnitState, deadline_at: string): LevelUnit => ({
  code: name,
  name,
  state,
  called: 2,
  answered: 0,
  answered_at: null,
  answered_by: "",
  answered_as: "",
  handed_on_at: null,
  handed_on_how: "",
  handed_on_reason: "",
  deadline_at,
  below: { called: 0, answered: 0, unanswered: 0 },
  recorded_for: 0,
  elsewhere: 0,
});
const level = (units: LevelUnit[]): LevelShown => ({
  level: "township",
  word_zh: "乡镇",
  word_en: "township",
  called: 2,
  answered: 0,
  unanswered: 2,
  not_yet: 0,
  next_deadline_at: null,
  units,
});
const levels = (mode: Levels["mode"], ...units: LevelUnit[]): Levels => ({
  callout_id: "1",
  mode,
  hand_on_s: {},
  levels: [level(units)],
  recorded_for: { count: 0, items: [] },
  elsewhere: { count: 0, items: [] },
});

describe("the next deadline of the levels", () => {
  it("is the soonest of those that are being called", () => {
    const late = unit("石坝乡", "overdue", "2026-07-16T18:01:00Z");
    const first = unit("白水镇", "ringing", "2026-07-16T18:05:00Z");
    const second = unit("柳湾乡", "ringing", "2026-07-16T18:06:00Z");
    expect(nextUnit(levels("by_level", second, late, first))).toBe(first);
  });

  it("is none where everybody is called at once, or nothing is known yet", () => {
    expect(nextUnit(levels("at_once", unit("白水镇", "ringing", "2026-07-16T18:05:00Z")))).toBeNull();
    expect(nextUnit(null)).toBeNull();
    expect(nextUnit(levels("by_level"))).toBeNull();
  });
});
