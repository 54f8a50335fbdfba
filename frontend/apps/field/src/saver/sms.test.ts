import { describe, expect, it } from "vitest";

import { headcountText, smsLink } from "./sms";

const TOTALS = { should: 35, moved: 32, away: 0, not_yet: 3 };

describe("one line by SMS", () => {
  it("is the headcount of the telegraph", () => {
    expect(headcountText(TOTALS)).toBe("ZY 32/35");
    expect(headcountText({ ...TOTALS, away: 2, not_yet: 1 })).toBe("ZY 32/35 外2");
  });

  it("opens the phone's messages with number and text", () => {
    expect(smsLink("000-1234 5678", "ZY 32/35")).toBe("sms:00012345678?body=ZY%2032%2F35");
    expect(smsLink("", "ZY 1/2 外1")).toBe("sms:?body=ZY%201%2F2%20%E5%A4%961");
  });
});
