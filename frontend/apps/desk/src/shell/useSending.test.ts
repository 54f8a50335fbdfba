import { ApiProblem } from "@fengsui/api";
import { expect, it } from "vitest";

import { useSending } from "./useSending";

it("shows what was refused, and forgets it with the next", async () => {
  const { isBusy, sentence, sending } = useSending();
  const refused = new ApiProblem(503, "busy", "写入繁忙，请稍后再试。", "Busy, try again.");
  expect(await sending(() => Promise.reject(refused))).toBe(false);
  expect([isBusy.value, sentence.value]).toEqual([false, "写入繁忙，请稍后再试。"]);
  expect(await sending(() => Promise.resolve())).toBe(true);
  expect(sentence.value).toBe("");
});

it("sends nothing twice while the first is on its way", async () => {
  const { isBusy, sending } = useSending();
  let sent = 0;
  let arrive: () => void = () => undefined;
  const first = sending(() => {
    sent += 1;
    return new Promise<void>((resolve) => (arrive = resolve));
  });
  expect(isBusy.value).toBe(true);
  expect(await sending(() => Promise.resolve((sent += 1)))).toBe(false);
  arrive();
  expect(await first).toBe(true);
  expect(sent).toBe(1);
});
