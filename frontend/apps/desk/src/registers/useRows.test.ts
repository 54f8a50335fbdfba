import { ApiProblem, type LedgerPage, type RowsQuery } from "@fengsui/api";
import { expect, it } from "vitest";

import { household } from "./testLedger";
import { useRows } from "./useRows";

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
