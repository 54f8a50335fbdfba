/** How somebody looks at a register just now: words, place, filters, order, columns. Plain values. */
import type { Ledger, LedgerColumn, LedgerValue, LedgerView, RowsQuery, RowState, Where } from "@fengsui/api";
import type { Sorting } from "@fengsui/ui";

export interface Listing {
  q: string;
  under: { code: string; name: string } | null;
  order: Sorting;
  state: RowState;
  where: Where;
  /** Names of columns in their order; null means the register's own choice. */
  columns: string[] | null;
}

export const fresh = (): Listing => ({ q: "", under: null, order: null, state: "current", where: {}, columns: null });

const isBlank = (value: unknown): boolean => value === null || value === undefined || value === "";

/** Filters that say nothing are no filters. */
export function tidy(where: Where): Where {
  return Object.fromEntries(
    Object.entries(where).filter(([, value]) => (Array.isArray(value) ? value.some((one) => !isBlank(one)) : !isBlank(value))),
  );
}

export function toQuery(listing: Listing): RowsQuery {
  return {
    ...(listing.q.trim() ? { q: listing.q.trim() } : {}),
    ...(listing.under ? { under: listing.under.code } : {}),
    ...(listing.order ? { order: (listing.order.descending ? "-" : "") + listing.order.column } : {}),
    ...(listing.state === "current" ? {} : { state: listing.state }),
    ...(Object.keys(tidy(listing.where)).length ? { where: tidy(listing.where) } : {}),
  };
}

/** A saved view may name columns and filters that the register no longer has; those are left out. */
export function fromView(view: Pick<LedgerView, "query" | "columns">, ledger: Ledger, nameOf: (code: string) => string): Listing {
  const names = new Set(ledger.columns.map((column) => column.name));
  const order = view.query.order ?? "";
  const column = order.replace(/^-/, "");
  const columns = view.columns.filter((name) => names.has(name));
  return {
    q: view.query.q ?? "",
    under: view.query.under ? { code: view.query.under, name: nameOf(view.query.under) } : null,
    order: names.has(column) ? { column, descending: order.startsWith("-") } : null,
    state: view.query.state ?? "current",
    where: Object.fromEntries(Object.entries(view.query.where ?? {}).filter(([name]) => names.has(name))),
    columns: columns.length ? columns : null,
  };
}

/** An outline is too much for a list; it is seen with its row. */
const inTables = (column: LedgerColumn): boolean => column.kind !== "outline";

export function shownColumns(ledger: Ledger, listing: Pick<Listing, "columns">): LedgerColumn[] {
  const own = ledger.columns.filter(inTables).filter((column) => column.is_shown || column.name === ledger.title).map((column) => column.name);
  const wanted = listing.columns ?? [...own.filter((name) => name === ledger.title), ...own.filter((name) => name !== ledger.title)];
  const found = wanted.flatMap((name) => ledger.columns.find((column) => column.name === name) ?? []);
  return found.length ? found : ledger.columns.slice(0, 1);
}

/** What the box of columns shows: the chosen ones in their order, then the rest as the register has them. */
export function columnOrder(ledger: Ledger, chosen: readonly string[]): LedgerColumn[] {
  const rest = ledger.columns.filter(inTables).filter((column) => !chosen.includes(column.name));
  return [...chosen.flatMap((name) => ledger.columns.find((column) => column.name === name) ?? []), ...rest];
}

/** The chosen columns with one of them a step further; at the ends nothing moves. */
export function moveColumn(chosen: readonly string[], name: string, step: 1 | -1): string[] {
  const next = [...chosen];
  const at = next.indexOf(name);
  const to = at + step;
  const other = next[to];
  if (at < 0 || other === undefined) return next;
  next[at] = other;
  next[to] = name;
  return next;
}

export interface ActiveFilter {
  column: string;
  label: string;
  text: string;
}

/** The filters in force, in words. */
export function activeFilters(
  ledger: Ledger,
  where: Where,
  words: { name: (column: LedgerColumn) => string; value: (column: LedgerColumn, value: LedgerValue) => string; from: string; to: string },
): ActiveFilter[] {
  return Object.entries(tidy(where)).flatMap(([name, value]) => {
    const column = ledger.columns.find((one) => one.name === name);
    if (!column) return [];
    const text =
      column.filter === "range" && Array.isArray(value)
        ? [isBlank(value[0]) ? "" : `${words.from} ${words.value(column, value[0] as LedgerValue)}`, isBlank(value[1]) ? "" : `${words.to} ${words.value(column, value[1] as LedgerValue)}`].filter(Boolean).join(" ")
        : words.value(column, value as LedgerValue);
    return [{ column: name, label: words.name(column), text }];
  });
}

export const isNarrowed = (listing: Listing): boolean =>
  Boolean(listing.q.trim() || listing.under || listing.state !== "current" || Object.keys(tidy(listing.where)).length);
