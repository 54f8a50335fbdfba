import type { AlertKind, AnswerKind, HouseholdStatus, Level, TonightAlert } from "@fengsui/data";
import { language, strings } from "@fengsui/ui";

import bundle from "./words.i18n.json";

export const word = strings(bundle);

export const SHAPE: Record<AlertKind, string> = {
  official_warning: "▲",
  monitoring_alarm: "◆",
  evacuation_instruction: "■",
};

export const statusWord = (status: HouseholdStatus): string => word(`status_${status}`);
export const answerWord = (kind: AnswerKind): string => word(`answer_${kind}`);
export const levelWord = (level: Level): string => word(`level_${level}`);

/** What the band calls the thing: an own alarm never borrows the word of an official warning. */
export function alertWord(alert: Pick<TonightAlert, "kind" | "level" | "category_name">): string {
  if (alert.kind === "monitoring_alarm") return word("kind_monitoring_alarm");
  if (alert.kind === "evacuation_instruction") return word("kind_evacuation_instruction");
  return word("kind_official_warning", {
    category: alert.category_name,
    level: levelWord(alert.level),
  });
}

const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai", dateStyle: "short" });
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** Beijing time; the date is added when it is not today's. */
export function beijingTime(at: string | number, now: number = Date.now()): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const clock = CLOCK.format(moment);
  const day = DAY.format(moment);
  if (day === DAY.format(new Date(now))) return clock;
  const [, month = "", date = ""] = day.split("-");
  return language.value === "zh"
    ? `${Number(month)}月${Number(date)}日 ${clock}`
    : `${Number(month)}/${Number(date)} ${clock}`;
}
