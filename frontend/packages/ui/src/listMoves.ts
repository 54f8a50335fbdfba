/** Keyboard of lists and tables as plain sums: which row is the active one after a key. */

/** The next active index, or null where the key means nothing to a list. -1 is "none yet". */
export function nextRow(key: string, at: number, count: number, rowsPerPage = 10): number | null {
  if (count <= 0) return null;
  const clamp = (row: number): number => Math.max(0, Math.min(count - 1, row));
  switch (key) {
    case "ArrowDown":
      return clamp(at + 1);
    case "ArrowUp":
      return at < 0 ? count - 1 : clamp(at - 1);
    case "PageDown":
      return clamp(Math.max(at, 0) + rowsPerPage);
    case "PageUp":
      return clamp(Math.max(at, 0) - rowsPerPage);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

export type Sorting = { column: string; descending: boolean } | null;

/** One press on a column's head: up, then down, then as it was. */
export function nextSorting(now: Sorting, column: string): Sorting {
  if (now?.column !== column) return { column, descending: false };
  return now.descending ? null : { column, descending: true };
}

/** Selects one row, or with Shift every row between the last one chosen and this one. */
export function select(selected: ReadonlySet<string>, order: readonly string[], key: string, through: string | null): Set<string> {
  const next = new Set(selected);
  const from = through === null ? -1 : order.indexOf(through);
  const to = order.indexOf(key);
  if (from < 0 || to < 0 || from === to) {
    if (!next.delete(key)) next.add(key);
    return next;
  }
  const [low, high] = from < to ? [from, to] : [to, from];
  for (const one of order.slice(low, high + 1)) next.add(one);
  return next;
}

export interface TableColumn {
  key: string;
  label: string;
  /** At least this wide; what is left over is shared out by `grow`. */
  width: number;
  grow?: number;
  right?: boolean;
  sortable?: boolean;
}
