/** UTC in, Beijing time out. China keeps one zone without summer time, so a fixed offset is exact. */
const BEIJING_OFFSET_MS = 8 * 3600 * 1000;
const WEEKDAYS_ZH = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"] as const;
const WEEKDAYS_EN = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

type Instant = string | number | Date;

function beijing(at: Instant): Date {
  return new Date(new Date(at).getTime() + BEIJING_OFFSET_MS);
}
const two = (value: number): string => String(value).padStart(2, "0");

export function clock(at: Instant | null | undefined): string {
  if (at === null || at === undefined) return "—";
  const when = beijing(at);
  return `${two(when.getUTCHours())}:${two(when.getUTCMinutes())}`;
}

export function clockWithSeconds(at: Instant | null | undefined): string {
  if (at === null || at === undefined) return "—";
  return `${clock(at)}:${two(beijing(at).getUTCSeconds())}`;
}

export function day(at: Instant): { zh: string; en: string } {
  const when = beijing(at);
  const month = when.getUTCMonth();
  const date = when.getUTCDate();
  const weekday = when.getUTCDay();
  return {
    zh: `${month + 1}月${date}日 ${WEEKDAYS_ZH[weekday] ?? ""}`,
    en: `${WEEKDAYS_EN[weekday] ?? ""} ${date} ${MONTHS_EN[month] ?? ""}`,
  };
}

/** Date and clock, for records that may be older than tonight. */
export function stamp(at: Instant | null | undefined): string {
  if (at === null || at === undefined) return "—";
  const when = beijing(at);
  return `${when.getUTCFullYear()}-${two(when.getUTCMonth() + 1)}-${two(when.getUTCDate())} ${clockWithSeconds(at)}`;
}

/** Seconds as 06:12, from an hour on as 1:06:12. Negative means overdue and keeps its sign. */
export function span(seconds: number): string {
  const sign = seconds < 0 ? "−" : "";
  const whole = Math.floor(Math.abs(seconds));
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return sign + (hours ? `${hours}:${rest}` : rest);
}
