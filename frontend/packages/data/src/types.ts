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
  /** The list it was ticked on, so that a late entry is not taken for another night's. */
  evacuation_id?: string;
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

/** Another person's different observation of the same household. */
export interface Met {
  status: HouseholdStatus;
  people_moved: number;
  observed_at: string;
  person_name: string;
  title: string;
  /** Which of the two counts now: the one seen last. */
  holds: "mine" | "other";
}

export interface EntryResult {
  client_id: string;
  outcome: "recorded" | "already_recorded" | "refused";
  problem?: Problem | null;
  met?: Met | null;
}

/** One item on the wire: its bytes as they were signed. */
export interface WireItem {
  client_id: string;
  body: string;
  /** Base64url; "" when not signed. */
  signature: string;
}

export interface SendReply {
  results: EntryResult[];
  /** Null when nobody is signed in: a signature delivers, it does not read. */
  totals: Totals | null;
}

/** How far this phone's key got, by the box. */
export interface Reach {
  state: "enrolled" | "lost";
  received: number;
  highest_number: number;
}

/** What the level above the box does not have yet. */
export interface Upstream {
  state: "no_upstream" | "bootstrapping" | "level" | "behind" | "cut_off";
  node_name: string;
  facts: number;
  life_safety: number;
  oldest_at: string | null;
  last_heard_at: string | null;
}

export interface FieldSession {
  person: { id: string; name: string; title: string; place_name: string; place_code?: string } | null;
  is_demonstration: boolean;
  permissions?: string[];
  /** Changes when a backup was put back: what a page shows may be of the time before. */
  incarnation?: string;
  warnings?: NodeWarning[];
}

/** What is wrong with the box itself: `bad` endangers what is recorded, `look` wants a look. */
export interface NodeWarning {
  code: string;
  level: string;
  zh: string;
  en: string;
}

/** What the box says of a self-rescue call it has taken. */
export interface SelfRescueTaken {
  id: string;
  callout_id: string | null;
  issued_at: string;
  area_description: string;
  self_rescue_review_due_at: string | null;
}
