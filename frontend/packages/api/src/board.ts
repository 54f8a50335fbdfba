/** Shapes of a callout on the board: its counts, its nights, who is still to be rung. */
import type { Balance, Level, PlaceCallState } from "@fengsui/domain";

import type { EvacuationTotals, Id, Iso } from "./types";

export interface Board {
  callout: {
    id: Id;
    alert_id: Id;
    state: "open" | "finished" | "stopped";
    level: Level;
    exercise: boolean;
    opened_at: Iso;
    closed_at?: Iso | null;
    now: Iso;
  };
  called: number;
  answered: number;
  unanswered: number;
  reached_in_person: number;
  /** People who only had messages at night that wake nobody; they have not ended. */
  not_counted_at_night?: number;
  unreached_named: number;
  needs_support: number;
  /** `answered` units have also recorded a first action; an acknowledged one has only been reached. */
  units: {
    called: number;
    acknowledged?: number;
    answered: number;
    unanswered: { code: string; name?: string; state?: "waiting" | "acknowledged" | "acted" }[];
  };
  curve: [number, number][];
  projected_seconds: number | null;
  /** As `projected_seconds`, for everybody instead of nineteen in twenty. */
  projected_all_seconds?: number | null;
  /** By then the ladder has run out: everyone has answered, was met, or is named. Null in a replay. */
  ends_by?: Iso | null;
  deadlines?: Deadline[];
  by_township?: TownshipRow[];
  by_place: { code: string; name?: string; called: number; answered: number; unanswered: number; state: PlaceCallState }[];
  by_rung: { rung: number; word_zh?: string; word_en?: string; unanswered: number; answers?: number }[];
  by_channel: { channel: string; tries?: number; beside?: number; handed_over?: number; delivered: number; acknowledged: number; failed: number }[];
  evacuation: EvacuationTotals | null;
  policy?: { answer_within_s?: number };
  /** What the independent auditor found: calls past their time, or the engine's own silence. */
  alarms?: { what: string; overdue: number; oldest_s: number; raised_at: Iso }[];
  takeovers?: Takeover[];
  /** The same alert number called out by several nodes: each person once. */
  together?: Together | null;
}
/** `end`: by then everybody has an end; the others are the policy's own times and the next door. */
export interface Deadline {
  what: "answer" | "act" | "knock" | "end";
  at: Iso;
  count: number;
}
export interface TownshipRow {
  code: string;
  name: string;
  called: number;
  answered: number;
  unanswered: number;
  villages: number;
  /** Villages that are shown red. */
  silent: number;
  state: PlaceCallState;
}
export type WhyFirst = "silent_unit" | "dead_number" | "knock" | "listened" | "climbed" | "waiting";
export interface ToRingItem extends UnansweredItem {
  why: WhyFirst;
}
export interface Night {
  id: Id;
  opened_at: Iso;
  level: Level;
  exercise: boolean;
  is_this: boolean;
  called: number;
  reached: number;
  in_five_minutes: number;
  half_s: number | null;
  nine_tenths_s: number | null;
  all_s: number | null;
  curve: [number, number][];
}
export interface MyCall {
  call_id: Id;
  alert_id: Id | null;
  level: Level;
  text: string;
  exercise: boolean;
  post_title: string;
  stands_in: boolean;
}
export interface Takeover {
  id: Id;
  place_code: string;
  place_name: string;
  node_name: string;
  person_name: string;
  reason: string;
  contact_word_zh: string;
  contact_word_en: string;
  taken_at: Iso;
  handed_back_at: Iso | null;
  handed_back_by_name: string;
  handed_back_reason: string;
}
export interface Together {
  alert_number: string;
  callout_ids: Id[];
  /** `twice`: people whom more than one call-out calls. */
  calls: { called: number; unanswered: number; twice: number };
  evacuation: Balance | null;
}
export interface UnansweredItem {
  call_id: Id;
  person_name: string;
  post_title: string;
  place_code: string;
  place_name?: string;
  phone_masked: string;
  state: string;
  rung: number;
  rung_word_zh: string;
  rung_word_en?: string;
  tries: number;
  last_word?: string;
  last_word_zh: string;
  last_word_en: string;
  next_at: Iso | null;
  can_reveal: boolean;
  /** Who rang at the same moment: B岗, 值班电话. */
  also_rung?: AlsoRung[];
  /** Only channels that wake nobody were there at night: it does not count as 叫应. */
  night_mark?: boolean;
  /** What this household understands, and the language of what is said; "": nothing is stated, the standard text. */
  language?: string;
  language_used?: string;
}
export interface AlsoRung {
  who: string;
  who_zh: string;
  who_en: string;
  name: string;
  word: string;
  word_zh: string;
  word_en: string;
  is_ringing: boolean;
  tries: number;
}
