/** The eight statutory fields of a warning, and the forty characters a phone shows. */
import type { Words } from "./words";

export const SHORT_TEXT_LENGTH_MAX = 40;

export type StatutoryField =
  | "category_name"
  | "level"
  | "starts_at"
  | "expires_at"
  | "area_description"
  | "caution"
  | "instruction"
  | "issuer";

export const STATUTORY_FIELDS: readonly { field: StatutoryField; words: Words }[] = [
  { field: "category_name", words: { zh: "类别", en: "Category" } },
  { field: "level", words: { zh: "级别", en: "Level" } },
  { field: "starts_at", words: { zh: "起始时间", en: "Starts at" } },
  { field: "expires_at", words: { zh: "结束时间", en: "Ends at" } },
  { field: "area_description", words: { zh: "可能影响范围", en: "Area concerned" } },
  { field: "caution", words: { zh: "警示事项", en: "Caution" } },
  { field: "instruction", words: { zh: "应当采取的措施", en: "What to do" } },
  { field: "issuer", words: { zh: "发布机关", en: "Issuer" } },
];

/** Characters as a reader counts them, so that a surrogate pair is one. */
export function lengthOf(text: string): number {
  return [...text].length;
}

export function minutesWords(minutes: number): Words {
  return { zh: `约 ${minutes} 分钟`, en: `about ${minutes} min` };
}
