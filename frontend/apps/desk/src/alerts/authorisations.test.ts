import { alertTitle } from "@fengsui/domain";
import { describe, expect, it } from "vitest";

import { asField, emptyForm, fromField, lacks, onTheWire, standingOf } from "./authorisations";
import { toneOf } from "./levels";
import { reviewOf } from "./review";

const NOW = Date.parse("2026-07-16T18:10:30Z");

describe("a signature given beforehand", () => {
  it("is written in Beijing time and sent in UTC", () => {
    expect(asField(NOW)).toBe("2026-07-17T02:10");
    expect(new Date(fromField("2026-07-17T02:10")).toISOString()).toBe("2026-07-16T18:10:00.000Z");
    expect(onTheWire(emptyForm(NOW))).toMatchObject({ valid_from: "2026-07-16T18:10:00.000Z", valid_until: "2026-07-17T06:10:00.000Z" });
  });
  it("says what it lacks", () => {
    const form = emptyForm(NOW);
    expect(lacks(form, NOW)).toEqual([]);
    expect(lacks({ ...form, levels: [] }, NOW)).toEqual(["levels"]);
    expect(lacks({ ...form, until: form.from }, NOW)).toEqual(["order"]);
    expect(lacks({ ...form, from: "", until: "" }, NOW)).toEqual(["from", "until"]);
    expect(lacks({ ...form, from: "2026-07-01T00:00", until: "2026-07-02T00:00" }, NOW)).toEqual(["past"]);
  });
  it("stands, is stopped, is still to come or is over", () => {
    const one = { id: "1", levels: [], place_name: "", signed_by: "", note: "", stop_reason: "", in_force: true, stopped_at: null, valid_from: "2026-07-16T18:00:00Z", valid_until: "2026-07-17T00:00:00Z" };
    expect(standingOf(one, NOW)).toBe("in_force");
    expect(standingOf({ ...one, stopped_at: "2026-07-16T18:05:00Z" }, NOW)).toBe("stopped");
    expect(standingOf({ ...one, valid_from: "2026-07-16T19:00:00Z" }, NOW)).toBe("later");
    expect(standingOf({ ...one, valid_until: "2026-07-16T18:05:00Z" }, NOW)).toBe("over");
  });
});

describe("a self-rescue call", () => {
  const alert = { kind: "evacuation_instruction", level: "red", category_name: "自救呼叫", area_description: "示意村", self_rescue: true } as const;
  it("is red and named for what it is", () => {
    expect(alertTitle(alert)).toEqual({ zh: "自救呼叫 · 示意村", en: "Self-rescue call: 示意村" });
    expect(toneOf(alert)).toBe("red");
    expect(toneOf({ ...alert, self_rescue: false })).toBe("none");
  });
  it("waits for its review until somebody wrote a verdict", () => {
    expect(reviewOf({ ...alert, self_rescue_review_due_at: "2026-07-16T18:15:30Z" }, NOW)).toEqual({ state: "waiting", leftS: 300 });
    expect(reviewOf({ ...alert, self_rescue_review_due_at: "2026-07-16T18:09:30Z" }, NOW)).toEqual({ state: "waiting", leftS: -60 });
    expect(reviewOf({ ...alert, self_rescue_review_due_at: null }, NOW)).toEqual({ state: "reviewed" });
    expect(reviewOf({}, NOW)).toEqual({ state: "none" });
  });
});
