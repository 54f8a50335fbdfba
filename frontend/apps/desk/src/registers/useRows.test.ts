import { ApiProblem, type LedgerPage, type RowsQuery } from "@fengsui/api";
import { expect, it } from "vitest";

import { household } from "./testLedger";
import { AGAIN_PAGES_MAX, useRows } from "./useRows";

const page = (ids: string[], next: string | null, total = 500): LedgerPage => ({ items: ids.map((id) => household(id)), next, total, total_is_least: false, text_match: "contains" });
const ids = (rows: ReturnType<typeof useRows>): string[] => rows.rows.value.map((row) => row.id);

it("pages follow one another by the mark the last one gave", async () => {
  const asked: (string | null | undefined)[] = [];
  const rows = useRows(async (_: string, query: RowsQuery) => {
    asked.push(query.after);
    return query.after ? page(["3"], null) : page(["1", "2"], "m");
  });
  await rows.ask("households", {});
  expect(rows.hasMore.value).toBe(true);
  await Promise.all([rows.more(), rows.more()]);
  expect(asked).toEqual([undefined, "m"]);
  expect(ids(rows)).toEqual(["1", "2", "3"]);
  expect(rows.hasMore.value).toBe(false);
  await rows.more();
  expect(asked).toHaveLength(2);
});

it("a row that moved between two pages is shown once", async () => {
  const rows = useRows(async (_, query) => (query.after ? page(["2", "3"], null) : page(["1", "2"], "m")));
  await rows.ask("households", {});
  await rows.more();
  expect(ids(rows)).toEqual(["1", "2", "3"]);
});

it("an answer to an older question never shows", async () => {
  const waiting = new Map<string, (found: LedgerPage) => void>();
  const rows = useRows((_, query) => new Promise((resolve) => waiting.set(query.q ?? "", resolve)));
  const old = rows.ask("households", { q: "old" });
  const now = rows.ask("households", { q: "new" });
  waiting.get("new")?.(page(["new"], null));
  waiting.get("old")?.(page(["old"], null));
  await Promise.all([old, now]);
  expect(ids(rows)).toEqual(["new"]);
});

it("another register starts empty, the same one keeps its rows until the answer", async () => {
  let answer: (found: LedgerPage) => void = () => undefined;
  const rows = useRows(() => new Promise((resolve) => (answer = resolve)));
  const first = rows.ask("households", {});
  answer(page(["1"], null));
  await first;
  void rows.ask("households", { q: "x" });
  expect(ids(rows)).toEqual(["1"]);
  void rows.ask("persons", {});
  expect(ids(rows)).toEqual([]);
  expect(rows.state.value).toBe("loading");
});

it("a failed first page is a failure, a failed next page keeps what was read and stops asking", async () => {
  let fails = true;
  const rows = useRows(async (_, query) => {
    if (fails || query.after) throw new ApiProblem(500, "x", "坏了", "broken");
    return page(["1"], "m");
  });
  await rows.ask("households", {});
  expect(rows.state.value).toBe("failed");
  fails = false;
  await rows.again();
  expect(rows.state.value).toBe("shown");
  await rows.more();
  expect(ids(rows)).toEqual(["1"]);
  expect(rows.problem.value?.status).toBe(500);
  expect(rows.hasMore.value).toBe(false);
});

it("asked again, it reads as far as one had scrolled and shows nothing less meanwhile", async () => {
  const lengths: number[] = [];
  let word = "old";
  const rows = useRows(async (_: string, query: RowsQuery) => {
    lengths.push(rows.rows.value.length);
    return query.after === "n" ? page([`5-${word}`], "o") : query.after === "m" ? page([`3-${word}`, `4-${word}`], "n") : page(["1", "2"], "m");
  });
  await rows.ask("households", {});
  await rows.more();
  expect(ids(rows)).toEqual(["1", "2", "3-old", "4-old"]);
  word = "new";
  await rows.again();
  expect(ids(rows)).toEqual(["1", "2", "3-new", "4-new"]);
  expect(lengths.slice(2)).toEqual([4, 4]);
  expect(rows.hasMore.value).toBe(true);
  await rows.more();
  expect(ids(rows).at(-1)).toBe("5-new");
});

it("what lies beyond the pages that are read again stays, and goes on from its own mark", async () => {
  let pages = 0;
  const rows = useRows(async (_: string, query: RowsQuery) => {
    pages += 1;
    const at = Number(query.after ?? 0);
    return page([String(at)], String(at + 1));
  });
  await rows.ask("households", {});
  for (let at = 0; at < AGAIN_PAGES_MAX + 4; at += 1) await rows.more();
  const before = ids(rows);
  pages = 0;
  await rows.again();
  expect(pages).toBe(AGAIN_PAGES_MAX);
  expect(ids(rows)).toEqual(before);
  await rows.more();
  expect(ids(rows)).toEqual([...before, String(before.length)]);
});

it("a page that fails when asked again leaves what was shown", async () => {
  let fails = false;
  const rows = useRows(async (_: string, query: RowsQuery) => {
    if (fails && query.after) throw new ApiProblem(500, "x", "坏了", "broken");
    return query.after ? page(["3"], null) : page(["1", "2"], "m");
  });
  await rows.ask("households", {});
  await rows.more();
  fails = true;
  await rows.again();
  expect(ids(rows)).toEqual(["1", "2", "3"]);
  expect(rows.problem.value?.status).toBe(500);
});
