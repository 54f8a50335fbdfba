/** 逐级叫应: each level of a call-out, its units, what was written down for others and rung elsewhere. */
import type { AnswerKind } from "@fengsui/domain";

import { http } from "./client";
import { at } from "./paths";
import type { UnansweredItem } from "./board";
import type { Id, Iso } from "./types";

export type LevelName = "county" | "township" | "village" | "group" | "household";
export type LevelUnitState = "not_yet" | "ringing" | "answered" | "overdue" | "unreached";

export interface LevelUnit {
  code: string;
  name: string;
  state: LevelUnitState;
  called: number;
  answered: number;
  answered_at: Iso | null;
  answered_by: string;
  answered_as: string;
  handed_on_at: Iso | null;
  handed_on_how: "" | "answered" | "deadline" | "by_hand" | "at_once";
  handed_on_reason: string;
  deadline_at: Iso;
  below: { called: number; answered: number; unanswered: number };
  recorded_for: number;
  elsewhere: number;
}
export interface LevelShown {
  level: LevelName;
  word_zh: string;
  word_en: string;
  called: number;
  answered: number;
  unanswered: number;
  not_yet: number;
  next_deadline_at: Iso | null;
  units: LevelUnit[];
}
export interface SaidFor {
  call_id: Id;
  person_name: string;
  post_title: string;
  place_name: string;
  note: string;
  by: string;
  at: Iso;
}
export interface Levels {
  callout_id: Id;
  mode: "by_level" | "at_once";
  hand_on_s: Record<string, number>;
  levels: LevelShown[];
  recorded_for: { count: number; items: (SaidFor & { answer_kind: string; heard_from: string })[] };
  elsewhere: { count: number; items: (SaidFor & { office: string; rung_at: Iso; has_answered: boolean })[] };
}

export const levelsApi = {
  levels: (calloutId: Id) => http.get<Levels>(at("/api/v1/callouts/{callout_id}/levels", calloutId)),
  people: (calloutId: Id, level: string, place_code: string) =>
    http.get<{ items: UnansweredItem[] }>(at("/api/v1/callouts/{callout_id}/level-people", calloutId), { level, place_code }),
  handOn: (calloutId: Id, level: string, place_code: string, reason: string) =>
    http.post<unknown>(at("/api/v1/callouts/{callout_id}/hand-on", calloutId), { level, place_code, reason }),
  callAllLevels: (calloutId: Id, reason: string) => http.post<unknown>(at("/api/v1/callouts/{callout_id}/call-all-levels", calloutId), { reason }),
  rungElsewhere: (body: { call_ids: Id[]; office: string; rung_at: Iso | null; has_answered: boolean; note: string; client_id: string }) =>
    http.post<{ spared: number; answered: number; already: number }>(at("/api/v1/calls/rung-elsewhere"), body),
  answerFor: (callId: Id, answer_kind: AnswerKind, heard_from: string, note: string) =>
    http.post<unknown>(at("/api/v1/calls/{call_id}/answer-for", callId), { answer_kind, heard_from, note }),
};
