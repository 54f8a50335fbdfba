import {
  alertTitle,
  ANSWER_WORDS,
  clock,
  HOUSEHOLD_STATUS_WORDS,
  KIND_SHAPES,
  type AlertKind,
  type AnswerKind,
  type HouseholdStatus,
} from "@fengsui/domain";
import { language, say, strings } from "@fengsui/ui";

import type { TonightAlert } from "@fengsui/data";

import { ref } from "vue";

import bundle from "./words.i18n.json";

export const word = strings(bundle);

const GLYPHS = { triangle: "▲", diamond: "◆", square: "■" } as const;
export const shapeOf = (kind: AlertKind): string => GLYPHS[KIND_SHAPES[kind]];

export const statusWord = (status: HouseholdStatus): string => say(HOUSEHOLD_STATUS_WORDS[status]);
export const answerWord = (kind: AnswerKind): string => say(ANSWER_WORDS[kind]);

/** What the band calls the thing: an own alarm never borrows the word of an official warning. */
export function alertWord(alert: Pick<TonightAlert, "kind" | "level" | "category_name">): string {
  if (alert.kind === "monitoring_alarm") return word("kind_monitoring_alarm");
  if (alert.kind === "evacuation_instruction") return word("kind_evacuation_instruction");
  return say(alertTitle(alert));
}

const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai", dateStyle: "short" });

const today = ref(Date.now());
/** The day that needs no date beside a time: the box's, not the phone's. */
export function tonightIs(now: number): void {
  today.value = now;
}

/** Beijing time; the date is added when it is not today's. */
export function beijingTime(at: string | number, now: number = today.value): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const day = DAY.format(moment);
  if (day === DAY.format(new Date(now))) return clock(moment);
  const [, month = "", date = ""] = day.split("-");
  return language.value === "zh"
    ? `${Number(month)}月${Number(date)}日 ${clock(moment)}`
    : `${Number(month)}/${Number(date)} ${clock(moment)}`;
}
