/** How one value of a register reads, in a cell and in a sentence. Plain sums. */
import type { Ledger, LedgerColumn, LedgerRow, LedgerValue } from "@fengsui/api";
import { stamp } from "@fengsui/domain";
import type { Language, TableColumn } from "@fengsui/ui";

import { E7 } from "./drafts";

const WIDTHS: Record<LedgerColumn["kind"], number> = {
  text: 140,
  whole: 96,
  choice: 120,
  place: 200,
  reference: 150,
  phone: 140,
  point: 190,
  outline: 96,
  moment: 176,
  flag: 84,
};
const GLYPH_PX = 15;
const SORT_PX = 44;
const MARKS_PX = 80;
const WORDS = {
  zh: { yes: "是", no: "否", drawn: "已画", none: "—" },
  en: { yes: "yes", no: "no", drawn: "drawn", none: "—" },
} as const;

export const nameOf = (one: { zh: string; en: string }, language: Language): string => one[language] || one.zh;

export function pointText(value: LedgerValue): string {
  return Array.isArray(value) ? value.map((one) => (one / E7).toFixed(5)).join(", ") : "";
}

/** A value that the back end did not put into words itself. */
export function valueText(column: LedgerColumn, value: LedgerValue, language: Language): string {
  const words = WORDS[language];
  if (value === null || value === undefined || value === "") return words.none;
  switch (column.kind) {
    case "flag":
      return value ? words.yes : words.no;
    case "moment":
      return typeof value === "number" ? stamp(value * 1_000) : words.none;
    case "point":
      return pointText(value) || words.none;
    case "outline":
      return words.drawn;
    case "choice": {
      const choice = column.choices.find((one) => one.value === value);
      return choice ? nameOf(choice, language) : String(value);
    }
    case "whole":
      return column.unit ? `${String(value)} ${column.unit}` : String(value);
    default:
      return String(value);
  }
}

type Readable = Pick<LedgerRow, "id" | "values" | "shown">;

export function cellText(column: LedgerColumn, row: Readable, language: Language): string {
  // A place's own code is what it is asked for by; its name stands in another column.
  const isOwnKey = column.kind === "place" && row.values[column.name] === row.id;
  const isNamed = (column.kind === "place" && !isOwnKey) || column.kind === "reference";
  return (isNamed ? row.shown[column.name] : "") || valueText(column, row.values[column.name] ?? null, language);
}

/** A place with what tells it apart first: "1-1组" and behind it "青溪镇 青溪社区". */
export function placeParts(text: string): { name: string; rest: string } {
  const parts = text.split(" ");
  return { name: parts.at(-1) ?? "", rest: parts.slice(0, -1).join(" ") };
}

/** `isFirst`: the column a row is called by carries its marks as well. */
export function tableColumn(column: LedgerColumn, language: Language, isFirst = false): TableColumn {
  const label = nameOf(column, language);
  const headPx = label.length * (language === "zh" ? GLYPH_PX : GLYPH_PX / 1.7) + (column.sortable ? SORT_PX : 28);
  return {
    key: column.name,
    label,
    width: Math.max(WIDTHS[column.kind] + (isFirst ? MARKS_PX : 0), Math.ceil(headPx)),
    grow: column.kind === "text" || column.kind === "place" ? 2 : 1,
    right: column.kind === "whole",
    sortable: column.sortable,
  };
}

/** The column a row is called by. */
export const titleColumn = (ledger: Ledger): LedgerColumn | undefined => ledger.columns.find((column) => column.name === ledger.title) ?? ledger.columns[0];

export function titleOf(ledger: Ledger, row: Readable, language: Language): string {
  const column = titleColumn(ledger);
  return column ? cellText(column, row, language) : row.id;
}
