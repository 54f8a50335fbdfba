/** The county's own calling rules: versions, a dry run on paper, words, lines, human ways. */
import { http } from "./client";
import { at } from "./paths";
import type { Id, Iso } from "./types";

export type RungWho = "holder" | "deputy" | "substitute" | "duty_phone" | "superior_duty_room" | "in_person";
export interface PolicyRung {
  who: RungWho;
  channels: string[];
  otherwise: string[];
  tries: number;
  spacing_s: number;
  patience_s: number;
  word_zh: string;
  word_en: string;
  together: RungWho[];
  together_only_at_night: boolean;
}
export interface CallPolicy {
  name: string;
  colour: string;
  needs_answer: boolean;
  start_within_s: number;
  answer_within_s: number;
  act_within_s: number;
  night_from_hour: number;
  night_until_hour: number;
  night_needs_voice: boolean;
  hand_on_s: Record<string, number>;
  label_zh: string;
  source: string;
  verified: boolean;
  rungs: PolicyRung[];
  [other: string]: unknown;
}
export interface RuleVersion {
  id: Id;
  at: Iso;
  by: string;
  reason: string;
  policy: CallPolicy | null;
  texts: [string, string, boolean, string][];
}
export interface PolicyItem {
  name: string;
  zh: string;
  en: string;
  policy: CallPolicy;
  default: CallPolicy;
  version: Id;
  is_default: boolean;
  is_readable: boolean;
  versions: RuleVersion[];
}
export interface RuleArea {
  code: string;
  name: string;
}
export interface PolicyList {
  place_code: string;
  items: PolicyItem[];
  areas: RuleArea[];
  may_adopt: boolean;
}
export interface CallLines {
  lines: number;
  seconds_a_call: number;
  is_default: boolean;
  reason: string;
  at: Iso | null;
  may_adopt: boolean;
}
export interface PaperRing {
  person_id: Id | null;
  name: string;
  post_title: string;
  place_name: string;
  starts_after_s: number;
  phones: number;
  beside: RungWho[];
}
export interface PaperNobody {
  person_id: Id | null;
  household_id: Id | null;
  name: string;
  post_title: string;
  place_name: string;
  has_deputy: boolean;
  way: { way_zh: string; way_en: string; is_tried: boolean; person_id: Id | null } | null;
}
export interface PaperRung {
  rung: number;
  who: RungWho;
  word_zh: string;
  word_en: string;
  channel: string;
  counts: boolean;
  after_s: number;
  round_s: number;
  tries: number;
  together: RungWho[];
  known: number;
  missing: number;
  asked_then: number;
}
export interface DryRun {
  at: Iso;
  is_night: boolean;
  people: number;
  with_number: number;
  without_number: number;
  nobody_to_ring: PaperNobody[];
  channel: string;
  usable: string[];
  counts: boolean;
  together: RungWho[];
  phones: number;
  first: PaperRing[];
  by_township: { place_code: string; place_name: string; people: number; first_s: number; last_s: number }[];
  all_rung_s: number;
  starts_in_time: boolean;
  start_within_s: number;
  lines: number;
  lines_needed: number;
  lines_are_default: boolean;
  seconds_a_call: number;
  ladder: PaperRung[];
}
export interface DryRunWanted {
  policy: CallPolicy;
  codes: string[];
  at?: Iso | null;
  lines?: number | null;
  seconds_a_call?: number | null;
  exercise: boolean;
}
export interface TextCheck {
  example: string;
  characters: number;
  is_short_form: boolean;
  elements: { name: string; zh: string; en: string; found: "slot" | "words" | "missing" }[];
  missing: string[];
  unknown_slots: string[];
  sms_encoding: "gsm-7" | "ucs-2";
  sms_segments: number;
  read_aloud_s: number;
  call_s: number;
  is_too_long_to_hear: boolean;
}
export interface WordsText {
  code: string;
  language: string;
  spoken_only: boolean;
  text: string;
}
export interface WordsItem {
  name: string;
  zh: string;
  en: string;
  is_default: boolean;
  version: Id;
  texts: (WordsText & { check: TextCheck })[];
  versions: RuleVersion[];
}
export interface WordsList {
  items: WordsItem[];
  slots: { name: string; zh: string; en: string; example: string }[];
  may_adopt: boolean;
}
export interface HumanWay {
  household_id: Id;
  label: string;
  place_code: string;
  place_name: string;
  need: string;
  need_zh: string;
  need_en: string;
  language: string;
  way: string;
  way_zh: string;
  way_en: string;
  note: string;
  person_id: Id | null;
  person_name: string;
  stated_at: Iso;
  tried_at: Iso | null;
  last_worked: boolean | null;
  worked_at: Iso | null;
  is_tried: boolean;
}
export interface HumanWays {
  items: HumanWay[];
  next: string | null;
  counts: { stated: number; tried: number; untried: number; nobody: number; without_number: number };
}
export interface WayWanted {
  need_code: string;
  way_code: string;
  person_id: Id | null;
  language: string;
  note: string;
}

export const policiesApi = {
  policies: () => http.get<PolicyList>(at("/api/v1/policies")),
  adopt: (name: string, policy: CallPolicy | null, based_on: Id, reason: string) =>
    http.post<{ version: Id }>(at("/api/v1/policies/{policy_name}/adopt", name), { policy, based_on, reason }),
  dryRun: (wanted: DryRunWanted) => http.post<DryRun>(at("/api/v1/policies/dry-run"), wanted),
  lines: () => http.get<CallLines>(at("/api/v1/call-lines")),
  stateLines: (lines: number, seconds_a_call: number, reason: string) =>
    http.post<CallLines>(at("/api/v1/call-lines"), { lines, seconds_a_call, reason }),
  words: () => http.get<WordsList>(at("/api/v1/call-words")),
  checkWords: (text: string) => http.post<TextCheck>(at("/api/v1/call-words/check"), { text }),
  adoptWords: (name: string, texts: WordsText[], based_on: Id, reason: string) =>
    http.post<{ version: Id }>(at("/api/v1/call-words/{message_name}/adopt", name), { texts, based_on, reason }),
  ways: (only_open: boolean, after = "") => http.get<HumanWays>(at("/api/v1/human-ways"), { only_open, after }),
  stateWay: (household: Id, wanted: WayWanted) => http.post<{ household_id: Id }>(at("/api/v1/households/{household_id}/way", household), wanted),
  recordTrial: (household: Id, worked: boolean, note: string) =>
    http.post<{ household_id: Id }>(at("/api/v1/households/{household_id}/way/trial", household), { worked, note }),
};
