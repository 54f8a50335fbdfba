/** A printed sheet, by the number and id of its code: whose households stand on it. */
import type { FieldTransport } from "@fengsui/data";

export interface PaperSheet {
  number: string;
  id: string;
  /** `unknown`: the box did not tell which households it has. */
  state: "asking" | "here" | "unknown";
  households: string[];
}

// docs/interfaces/sheets.md: Damm's quasigroup, as in H. M. Damm, 2004.
const TABLE = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];
const NOT_MOVED = "0";

export function checkDigit(digits: string): string {
  return [...digits].reduce((interim, digit) => TABLE[Number(interim)]?.[Number(digit)] ?? "0", "0");
}

/** The three digits of a line under its sheet's number. */
export function lineCode(number: string, line: number): string {
  const place = String(line).padStart(2, "0");
  return `${place}${checkDigit(number + place)}`;
}

/** `?sheet=41730&id=…` of the printed code; null when the page was opened otherwise. */
export function paperOf(search: string): PaperSheet | null {
  const asked = new URLSearchParams(search);
  const number = asked.get("sheet") ?? "";
  const id = asked.get("id") ?? "";
  if (!/^[1-9]\d{4}$/.test(number) || !/^\d{0,19}$/.test(id)) return null;
  return { number, id, state: "asking", households: [] };
}

/** The households of the sheet in the order of its lines. Only looks: nothing is recorded. */
export async function householdsOf(
  paper: Pick<PaperSheet, "number" | "id">,
  evacuationId: string,
  placeCode: string,
  transport: Pick<FieldTransport, "read" | "state">,
): Promise<string[]> {
  const printed = await transport.read<{ items: { sheet_id: string; number: string; lines: number }[] }>(
    `/exchange/sheets/${evacuationId}/${placeCode}`,
  );
  const found = printed.items.find(
    (one) => one.number === paper.number && (paper.id === "" || one.sheet_id === paper.id),
  );
  if (found === undefined) return [];
  const lines = Array.from({ length: found.lines }, (_, at) => `${lineCode(paper.number, at + 1)} ${NOT_MOVED}`);
  const looked = await transport.state<{ rows: { household_id: string | null }[] }>("/exchange/sheets/typed", {
    text: [paper.number, ...lines].join("\n"),
    record: false,
    chosen: { [found.number]: found.sheet_id },
  });
  return looked.rows.flatMap((row) => (row.household_id === null ? [] : [row.household_id]));
}
