/** Short words for what the node says in codes. */
import { strings } from "@fengsui/ui";

import bundle from "./keeping.i18n.json";

const t = strings(bundle);
const HOW = ["one_time_link", "password", "phone_key", "sign_on"] as const;
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/MicroMessenger/, "微信"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS/, "macOS"],
  [/Linux/, "Linux"],
];

export function howWord(how: string): string {
  const known = HOW.find((one) => one === how);
  return known ? t(`how_${known}`) : how;
}

/** "Chrome · Windows" out of what a browser says of itself. */
export function deviceWord(browser: string): string {
  const names = [BROWSERS, SYSTEMS].map((list) => list.find(([sign]) => sign.test(browser))?.[1]);
  return names.filter(Boolean).join(" · ") || browser.slice(0, 40) || "—";
}
