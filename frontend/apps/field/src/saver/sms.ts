import type { Totals } from "@fengsui/data";

/** The headcount as the duty room's telegraph reads it: `ZY moved/should`, away as 外. */
export function headcountText(totals: Totals): string {
  return `ZY ${totals.moved}/${totals.should}${totals.away > 0 ? ` 外${totals.away}` : ""}`;
}

/** A link that opens the phone's own messages (RFC 5724); the person presses send. */
export function smsLink(number: string, text: string): string {
  return `sms:${number.replaceAll(/[^\d+]/g, "")}?body=${encodeURIComponent(text)}`;
}
