/** The rows of one register, page after page as one scrolls. A new question forgets the answers to the old one. */
import { asProblem, ledgersApi, type ApiProblem, type LedgerPage, type LedgerRow, type RowsQuery } from "@fengsui/api";
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

export const PAGE_ROWS = 200;
/** As many pages are read anew after an edit; what one has scrolled to beyond them stays as it was read. */
export const AGAIN_PAGES_MAX = 10;

export interface Rows {
  rows: ShallowRef<readonly LedgerRow[]>;
  total: Ref<number>;
  totalIsLeast: Ref<boolean>;
  hasMore: Ref<boolean>;
  /** In large registers words are looked for from their beginning only. */
  textMatch: Ref<LedgerPage["text_match"]>;
  state: Ref<"loading" | "shown" | "failed">;
  problem: ShallowRef<ApiProblem | null>;
  ask: (ledger: string, query: RowsQuery) => Promise<void>;
  /** The same question again, as far as one had scrolled: what is shown stays until the whole answer is there. */
  again: () => Promise<void>;
  more: () => Promise<void>;
  /** Puts a changed row in its place without asking for the list anew. */
  put: (row: LedgerRow) => void;
}

export function useRows(fetchPage: (ledger: string, query: RowsQuery) => Promise<LedgerPage> = ledgersApi.rows): Rows {
  const rows = shallowRef<readonly LedgerRow[]>([]);
  const total = ref(0);
  const totalIsLeast = ref(false);
  const hasMore = ref(false);
  const textMatch = ref<LedgerPage["text_match"]>("");
  const state = ref<"loading" | "shown" | "failed">("loading");
  const problem = shallowRef<ApiProblem | null>(null);
  let asked: { ledger: string; query: RowsQuery } | null = null;
  let next: string | null = null;
  let turn = 0;
  let isFetchingMore = false;

  function take(page: LedgerPage, before: readonly LedgerRow[]): void {
    const known = new Set<string>();
    rows.value = [...before, ...page.items].filter((row) => !known.has(row.id) && known.add(row.id));
    next = page.next;
    hasMore.value = page.next !== null;
    total.value = Math.max(page.total, rows.value.length);
    totalIsLeast.value = page.total_is_least;
    textMatch.value = page.text_match;
    problem.value = null;
    state.value = "shown";
  }
  async function first(): Promise<void> {
    if (!asked) return;
    const mine = ++turn;
    isFetchingMore = false;
    try {
      const page = await fetchPage(asked.ledger, { ...asked.query, limit: PAGE_ROWS });
      if (mine === turn) take(page, []);
    } catch (error) {
      if (mine !== turn) return;
      problem.value = asProblem(error);
      if (state.value === "loading") state.value = "failed";
    }
  }
  async function again(): Promise<void> {
    const question = asked;
    const shown = rows.value;
    const mark = next;
    if (!question || !shown.length) return first();
    const mine = ++turn;
    isFetchingMore = false;
    const fresh: LedgerRow[] = [];
    try {
      let page: LedgerPage | null = null;
      for (let at = 0; at < AGAIN_PAGES_MAX; at += 1) {
        page = await fetchPage(question.ledger, { ...question.query, limit: PAGE_ROWS, ...(page ? { after: page.next } : {}) });
        if (mine !== turn) return;
        fresh.push(...page.items);
        if (page.next === null || fresh.length >= shown.length) break;
      }
      if (!page) return;
      const isWhole = page.next === null || fresh.length >= shown.length;
      const end = shown.findIndex((row) => row.id === fresh.at(-1)?.id);
      const items = isWhole ? fresh : [...fresh, ...shown.slice(end < 0 ? fresh.length : end + 1)];
      take({ ...page, items, next: isWhole ? page.next : mark }, []);
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    }
  }
  return {
    rows,
    total,
    totalIsLeast,
    hasMore,
    textMatch,
    state,
    problem,
    async ask(ledger, query) {
      if (asked?.ledger !== ledger) {
        rows.value = [];
        hasMore.value = false;
      }
      asked = { ledger, query };
      state.value = "loading";
      await first();
    },
    again,
    async more() {
      if (!asked || next === null || isFetchingMore || state.value === "loading") return;
      const mine = turn;
      isFetchingMore = true;
      try {
        const page = await fetchPage(asked.ledger, { ...asked.query, limit: PAGE_ROWS, after: next });
        if (mine === turn) take(page, rows.value);
      } catch (error) {
        if (mine === turn) {
          problem.value = asProblem(error);
          hasMore.value = false; // scrolling on must not hammer a server that just refused; the line below the rows offers it
        }
      } finally {
        if (mine === turn) isFetchingMore = false;
      }
    },
    put(row) {
      rows.value = rows.value.map((one) => (one.id === row.id ? row : one));
    },
  };
}
