import { describe, expect, it } from "vitest";
import { boxClock } from "./boxClock";
import type { Tonight } from "./types";

const GOT = Date.parse("2026-11-22T01:30:00Z");
const at = (server_time: string) => ({ got_at: GOT, tonight: { server_time } as Tonight });

describe("the time of an entry", () => {
  it("is the phone's when the phone is about right", () => {
    expect(boxClock(at("2026-11-22T01:31:30Z"), GOT + 5_000)).toBe(GOT + 5_000);
  });

  it("is the box's, carried on by the phone, when the phone is far off", () => {
    const night = Date.parse("2026-07-16T18:18:00Z");
    expect(boxClock(at("2026-07-16T18:18:00Z"), GOT + 5_000)).toBe(night + 5_000);
  });

  it("is the phone's while the box was never heard", () => {
    expect(boxClock(null, GOT)).toBe(GOT);
  });
});
