/** Where the arrow keys lead among items that stand in columns of different length. Plain sums, no document. */
export interface MenuColumn<Item> {
  key: string;
  label: string;
  items: readonly Item[];
}

export interface Spot {
  column: number;
  row: number;
}

/** The next spot, or null where the key means nothing here. Up and down run on through all columns. */
export function moveIn(lengths: readonly number[], at: Spot, key: string): Spot | null {
  const filled = lengths.map((length, column) => ({ length, column })).filter((one) => one.length > 0);
  const last = filled.at(-1);
  const first = filled[0];
  if (!first || !last) return null;
  if (key === "Home") return { column: first.column, row: 0 };
  if (key === "End") return { column: last.column, row: last.length - 1 };
  const here = filled.findIndex((one) => one.column === at.column);
  if (here < 0) return { column: first.column, row: 0 };
  const aside = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (aside) {
    const next = filled[(here + aside + filled.length) % filled.length] ?? first;
    return { column: next.column, row: Math.min(at.row, next.length - 1) };
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!step) return null;
  const row = at.row + step;
  if (row >= 0 && row < (filled[here]?.length ?? 0)) return { column: at.column, row };
  const next = filled[(here + step + filled.length) % filled.length] ?? first;
  return { column: next.column, row: step > 0 ? 0 : next.length - 1 };
}
