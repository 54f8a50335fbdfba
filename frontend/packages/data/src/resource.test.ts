import { ApiProblem } from "@fengsui/api";
import { expect, it } from "vitest";

import { resource } from "./resource";

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

it("keeps the last value when a refresh fails, and says why it is old", async () => {
  let works = true;
  const number = resource(async () => {
    if (!works) throw new ApiProblem(503, "down", "停了", "down");
    return 7;
  });
  await number.refresh();
  works = false;
  await number.refresh();
  expect(number.value.value).toBe(7);
  expect(number.problem.value?.code).toBe("down");
});

it("folds any number of calls during a fetch into one more", async () => {
  let calls = 0;
  const gates = [deferred<number>(), deferred<number>()];
  const counted = resource(() => {
    calls += 1;
    return gates[calls - 1]?.promise ?? Promise.resolve(0);
  });
  const all = [counted.refresh(), counted.refresh(), counted.refresh()];
  gates[0]?.resolve(1);
  gates[1]?.resolve(2);
  await Promise.all(all);
  expect(calls).toBe(2);
  expect(counted.value.value).toBe(2);
});

it("drops an answer that arrives after it was cleared", async () => {
  const gate = deferred<number>();
  const late = resource(() => gate.promise);
  const running = late.refresh();
  late.clear();
  gate.resolve(9);
  await running;
  expect(late.value.value).toBeNull();
});
