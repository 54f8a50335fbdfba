import { describe, expect, it } from "vitest";

import { inOrder } from "./inOrder";

describe("the order of the public page", () => {
  it("is instruction, official by level, own alarm; newest first", () => {
    const of = (
      id: string,
      kind: "official_warning" | "monitoring_alarm" | "evacuation_instruction",
      level: "red" | "orange" | "none",
      issued_at: string,
    ) => ({ id, kind, level, issued_at });
    const ids = inOrder([
      of("alarm", "monitoring_alarm", "none", "2026-07-16T18:30:00Z"),
      of("orange", "official_warning", "orange", "2026-07-16T18:20:00Z"),
      of("red-old", "official_warning", "red", "2026-07-16T18:00:00Z"),
      of("red-new", "official_warning", "red", "2026-07-16T18:10:00Z"),
      of("move", "evacuation_instruction", "none", "2026-07-16T17:00:00Z"),
    ]).map((one) => one.id);
    expect(ids).toEqual(["move", "red-new", "red-old", "orange", "alarm"]);
  });
});
