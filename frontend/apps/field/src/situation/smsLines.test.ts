import { expect, it } from "vitest";

import { countText, sosText } from "./smsLines";

it("writes an SOS in the grammar of text messages", () => {
  const said = { people: 6, injured: 2, need: ["boat", "medical"] as const, text: " 后山 二组 " };
  expect(sosText(said)).toBe("SOS 6人 伤2 要船 要医 后山二组");
  expect(sosText({ people: 1, injured: 0, need: [], text: "" })).toBe("SOS 1人");
});

it("writes a headcount without its zeros", () => {
  const none = { sheltered: 0, injured: 0, missing: 0, dead: 0 };
  expect(countText({ should: 35, moved: 32, away: 2, needs_help: 1, ...none })).toBe("ZY 32/35 外2 助1");
  expect(countText({ should: 35, moved: 35, away: 0, needs_help: 0, ...none })).toBe("ZY 35/35");
});
