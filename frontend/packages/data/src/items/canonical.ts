/** What an item may say: text and whole numbers, flat. */
export type EntryValue = string | number;
export type Plain = EntryValue | { [key: string]: Plain };

/**
 * JSON with sorted keys and no spaces: RFC 8785 for strings, whole numbers and objects of them. The
 * box compares byte for byte, so this text is made once, kept and sent as it is.
 */
export function canonical(value: Plain): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a whole number: ${value}`);
    return String(value);
  }
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? "")}`);
  return `{${parts.join(",")}}`;
}
