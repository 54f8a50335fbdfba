import { ApiProblem } from "@fengsui/api";
import { beforeEach, expect, test, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";

import type { Found, SearchAnswer } from "./api";
import { placeOf, useSearch } from "./useSearch";

const row = (title: string): Found =>
  ({ kind: "persons", id: "7", title, place_code: "", path: [], detail: {}, is_invented: true }) as unknown as Found;
const answer = (...titles: string[]): SearchAnswer => ({ items: titles.map(row), more: [], behind: 0 }) as SearchAnswer;

beforeEach(() => {
  vi.useFakeTimers();
});

function start(ask: (question: string) => Promise<SearchAnswer>) {
  const question = ref("");
  const found = effectScope().run(() => useSearch(question, ask));
  if (!found) throw new Error("no scope");
  return { question, ...found };
}

async function type(question: { value: string }, text: string): Promise<void> {
  question.value = text;
  await nextTick();
  await vi.runAllTimersAsync();
}

test("one sign asks nothing, a pause asks once", async () => {
  const ask = vi.fn(() => Promise.resolve(answer("示意甲")));
  const { question, state, items } = start(ask);
  await type(question, "甲");
  expect(ask).not.toHaveBeenCalled();
  question.value = "示";
  await nextTick();
  await type(question, "示意");
  expect(ask.mock.calls).toEqual([["示意"]]);
  expect(state.value).toBe("found");
  expect(items.value).toHaveLength(1);
});

test("an older answer that comes late does not replace a newer one", async () => {
  const waiting: ((value: SearchAnswer) => void)[] = [];
  const { question, items } = start(() => new Promise((resolve) => waiting.push(resolve)));
  await type(question, "示意");
  await type(question, "示意乙");
  waiting[1]?.(answer("示意乙"));
  waiting[0]?.(answer("示意甲", "示意乙"));
  await vi.runAllTimersAsync();
  expect(items.value.map((one) => one.title)).toEqual(["示意乙"]);
});

test("the arrows stay inside the answers", async () => {
  const { question, active, move } = start(() => Promise.resolve(answer("甲一", "甲二")));
  await type(question, "甲x");
  move(-1);
  expect(active.value).toBe(0);
  move(5);
  expect(active.value).toBe(1);
});

test("a refusal is said and what stood there stays", async () => {
  const refusal = new ApiProblem(422, "search.question_too_short", "请再多输一点。", "More.", {}, "");
  let failing = false;
  const { question, state, problem, items } = start(() => (failing ? Promise.reject(refusal) : Promise.resolve(answer("示意甲"))));
  await type(question, "示意");
  failing = true;
  await type(question, "示意甲");
  expect(state.value).toBe("failed");
  expect(problem.value).toBe(refusal);
  expect(items.value).toHaveLength(1);
});

test("an answer leads to its row", () => {
  expect(placeOf(row("示意甲"))).toBe("/registers/persons?row=7");
});
