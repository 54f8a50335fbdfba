import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { optionSearch, type Option } from "./optionSearch";

const village = (key: string): Option => ({ key, label: `村${key}` });
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks once the typing pauses, with the last words only", async () => {
  const asked: string[] = [];
  const search = optionSearch(async (text) => {
    asked.push(text);
    return [village("1"), village("2")];
  });
  search.soon("柳");
  search.soon("柳湾");
  expect(search.state.value).toBe("looking");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual(["柳湾"]);
  expect(search.state.value).toBe("shown");
  expect(search.activeOption.value?.key).toBe("1");
});

it("an answer that comes late does not replace a newer one", async () => {
  const answers: ((found: Option[]) => void)[] = [];
  const search = optionSearch(() => new Promise((resolve) => answers.push(resolve)));
  const first = search.look("a");
  const second = search.look("b");
  answers[1]?.([village("b")]);
  answers[0]?.([village("a")]);
  await Promise.all([first, second]);
  expect(search.options.value.map((one) => one.key)).toEqual(["b"]);
});

it("closing forgets what is under way", async () => {
  const answers: ((found: Option[]) => void)[] = [];
  const search = optionSearch(() => new Promise((resolve) => answers.push(resolve)));
  const waiting = search.look("a");
  search.close();
  answers[0]?.([village("a")]);
  await waiting;
  expect(search.state.value).toBe("closed");
  expect(search.options.value).toEqual([]);
});

it("a failure is a state of its own, not an empty list", async () => {
  const search = optionSearch(() => Promise.reject(new Error("cut")));
  await search.look("a");
  expect(search.state.value).toBe("failed");
});

it("nothing is chosen in advance while nothing was typed", async () => {
  const search = optionSearch(async () => [village("1")]);
  await search.look("");
  expect(search.active.value).toBe(-1);
});
