import type { CallPolicy } from "@fengsui/api";
import { expect, test } from "vitest";

import { advice, copyOf, goesByLevel, isSame, missingRungs, newRung, secondsOf, secondsToTheDoor, withLevel, withoutRung, withRung, withToggled } from "./drafts";

function red(): CallPolicy {
  return {
    name: "red",
    colour: "red",
    needs_answer: true,
    start_within_s: 300,
    answer_within_s: 600,
    act_within_s: 1800,
    night_from_hour: 22,
    night_until_hour: 6,
    night_needs_voice: true,
    hand_on_s: {},
    label_zh: "",
    source: "",
    verified: false,
    rungs: [{ ...newRung("holder"), tries: 3 }, { ...newRung("deputy"), tries: 2 }, newRung("in_person")],
  };
}

test("a rung that is added comes before the door, and the door stays last", () => {
  const next = withRung(red(), "substitute");
  expect(next.rungs.map((rung) => rung.who)).toEqual(["holder", "deputy", "substitute", "in_person"]);
  expect(missingRungs(next)).toEqual(["duty_phone", "superior_duty_room"]);
});

test("what is on the screen is a copy: the policy in force is not touched", () => {
  const inForce = red();
  const draft = copyOf(inForce);
  draft.rungs[0] = { ...newRung("holder"), tries: 9 };
  expect(inForce.rungs[0]?.tries).toBe(3);
  expect(isSame(inForce, draft)).toBe(false);
  expect(isSame(inForce, { ...red(), label_zh: "本县规则", version: "7" })).toBe(true);
});

test("the door is reached after every try of every rung", () => {
  expect(secondsToTheDoor(red())).toBe(5 * 120);
  expect(secondsToTheDoor(withoutRung(red(), 2))).toBeNull();
});

test("advice names what a careful colleague would ask", () => {
  expect(advice(red(), red())).toEqual([]);
  expect(advice(withoutRung(red(), 2), red())).toEqual(["no_door"]);
  expect(advice({ ...red(), night_needs_voice: false, answer_within_s: 900 }, red())).toEqual(["night_without_voice", "slower_than_default"]);
});

test("channels keep their order however they are ticked", () => {
  expect(withToggled(["in_app"], "voice", ["voice", "sms", "in_app"])).toEqual(["voice", "in_app"]);
  expect(withToggled(["voice", "in_app"], "voice", ["voice", "sms", "in_app"])).toEqual(["in_app"]);
});

test("minutes that are no number leave the seconds alone", () => {
  expect(secondsOf("2.5", 60)).toBe(150);
  expect(secondsOf("", 60)).toBe(60);
  expect(secondsOf("-1", 60)).toBe(60);
});

test("a level's silence is edited in minutes; emptied it is gone, so that the desk can say which row is empty", () => {
  const orange = { ...red(), name: "orange", hand_on_s: { county: 180, village: 300 } };
  expect(withLevel(orange, "village", "7").hand_on_s).toEqual({ county: 180, village: 420 });
  expect(withLevel(orange, "township", "5").hand_on_s).toEqual({ county: 180, township: 300, village: 300 });
  expect(withLevel(orange, "county", "").hand_on_s).toEqual({ village: 300 });
  expect(withLevel(orange, "county", "x").hand_on_s).toEqual({ county: 180, village: 300 });
  expect(goesByLevel(orange, orange)).toBe(true);
  expect(goesByLevel(red(), red())).toBe(false);
});
