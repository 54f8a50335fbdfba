import type { DutyRoom } from "@fengsui/api";
import { describe, expect, it } from "vitest";

import { unsignedTonight } from "./unsigned";

const room = (place_code: string, more: Partial<DutyRoom> = {}): DutyRoom => ({
  post_id: place_code,
  place_code,
  place_name: "",
  title: "值班室",
  has_rota: true,
  on_watch: [],
  officers: [],
  leaders: [],
  responsible: "",
  signed_at: null,
  is_unsigned: true,
  may_plan: false,
  may_sign: false,
  next_gap_at: null,
  gaps: 0,
  clashes: 0,
  ...more,
});
const county = room("990101000000");
const township = room("990101103000");

describe("the handover of tonight", () => {
  it("is nobody's worry when every room is signed for", () => {
    expect(unsignedTonight([])).toBeNull();
    expect(unsignedTonight([{ ...county, is_unsigned: false }])).toBeNull();
  });

  it("names one's own room before the county's, and the county's before a township's", () => {
    expect(unsignedTonight([township, county])).toEqual({ first: county, more: 1 });
    const own = { ...township, may_sign: true };
    expect(unsignedTonight([county, own])).toEqual({ first: own, more: 1 });
  });

  it("does not name a room that is signed for, though it is one's own", () => {
    const signed = { ...township, may_sign: true, is_unsigned: false };
    expect(unsignedTonight([signed, county])).toEqual({ first: county, more: 0 });
  });
});
