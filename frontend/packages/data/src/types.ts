/** The shapes of `/api/v1/field/*` and `/api/v1/session`, as the phone uses them. */
import type { AlertKind, AnswerKind, Balance, ConfirmedHow, HouseholdStatus, Level } from "@fengsui/domain";

export type { AlertKind, AnswerKind, ConfirmedHow, HouseholdStatus, Level };
export type Totals = Balance;

export interface TonightHousehold {
  id: string;
  label: string;
  people: number;
  assist_level: number;
  status: HouseholdStatus;
  status_word_zh?: string | null;
  confirmed_by?: string | null;
  confirmed_at?: string | null;
  people_moved?: number | null;
  shelter?: string;
}

export interface TonightGroup {
  head_person_id: string | null;
  head_name: string | null;
  households: TonightHousehold[];
}

export interface TonightAlert {
  id: string;
  level: Level;
  kind: AlertKind;
  category_name: string;
  short_text: string;
  instruction: string;
  issued_at: string;
  exercise: boolean;
}

export interface TonightCall {
  id: string;
  state: string;
  answer_kind: AnswerKind | null;
  answered_at?: string | null;
}

export interface Tonight {
  evacuation_id?: string | null;
  alert: TonightAlert | null;
  call: TonightCall | null;
  totals: Totals;
  groups: TonightGroup[];
  server_time: string;
}

/** One entry on the wire. `at` is when it was seen (see boxClock), ISO-8601 UTC. */
export interface FieldEntry {
  client_id: string;
  kind: "household_status" | "answer";
  household_id?: string;
  call_id?: string;
  status?: HouseholdStatus;
  answer_kind?: AnswerKind;
  people?: number;
  confirmed_by?: string;
  confirmed_how?: ConfirmedHow;
  at: string;
}

export interface Problem {
  code: string;
  zh: string;
  en: string;
  data?: Record<string, unknown>;
  /** The HTTP status the box would have answered for this entry alone. */
  status?: number;
}

export interface EntryResult {
  client_id: string;
  outcome: "recorded" | "already_recorded" | "refused";
  problem?: Problem | null;
}

export interface SendReply {
  results: EntryResult[];
  totals: Totals;
}

export interface FieldSession {
  person: { id: string; name: string; title: string; place_name: string; place_code?: string } | null;
  is_demonstration: boolean;
  permissions?: string[];
}

/** What the box says of a self-rescue call it has taken. */
export interface SelfRescueTaken {
  id: string;
  callout_id: string | null;
  issued_at: string;
  area_description: string;
  self_rescue_review_due_at: string | null;
}
