/** Shapes of the HTTP API. Ids are strings (63-bit), times ISO-8601 UTC. */
import type {
  AlertKind,
  AlertState,
  AnswerKind,
  Balance,
  ConfirmedHow,
  HouseholdStatus,
  Level,
} from "@fengsui/domain";

import type { components } from "./schema";

export type Id = string;
export type Iso = string;

export interface Session {
  person: { id: Id; name: string; title: string; place_code: string; place_name: string } | null;
  roles: string[];
  permissions: string[];
  /** Who holds tonight's duty, where the node knows it. */
  duty?: { leader: { name: string } | null; officer: { name: string } | null };
  node: {
    name: string;
    place_code: string;
    is_demonstration: boolean;
    version: string;
    /** Changes when a backup was put back: what a page shows may be of the time before. */
    incarnation?: string;
    warnings?: { code: string; level: string; zh: string; en: string }[];
  };
  now: Iso;
  csrf_token: string;
  language: string;
  /** What signing in still asks for: a code, a new password, a second factor to be set up. */
  pending?: { stage: string; name: string; sign_in_name?: string } | null;
  idle?: { minutes: number; warning_minutes: number } | null;
  last_sign_in?: { at: Iso; how: string; address: string } | null;
  password_state?: string | null;
  sign_on?: { id: string; zh: string; en: string }[] | null;
}

export interface FeatureCollection {
  type: "FeatureCollection";
  features: Feature[];
}
export interface Feature {
  type: "Feature";
  id?: string | number;
  geometry: { type: string; coordinates: unknown } | null;
  properties: Record<string, unknown>;
}

export type BaseLayer = "county" | "townships" | "villages" | "rivers" | "roads" | "contours";
export interface BaseMap {
  is_invented: boolean;
  attribution: string[];
  bounds: [number, number, number, number] | null;
  layers: Partial<Record<BaseLayer, FeatureCollection>>;
  without_point?: { code: string; name: string }[];
}

export interface AlertSummary {
  id: Id;
  kind: AlertKind;
  category: string;
  category_name: string;
  level: Level;
  headline: string;
  short_text: string;
  issuer: string;
  issued_at: Iso;
  starts_at: Iso;
  expires_at: Iso | null;
  area_description: string;
  exercise: boolean;
  self_rescue?: boolean;
  self_rescue_review_due_at?: Iso | null;
  state: AlertState;
  callout_id: Id | null;
  evacuation_id: Id | null;
}
export type AlertVerb = "submit" | "approve" | "return" | "cancel" | "edit";
export interface AlertDetail extends AlertSummary {
  verbatim_text: string;
  caution: string;
  instruction: string;
  area: { codes: string[]; names?: string[]; polygons: unknown[]; geojson: { type: string } | null };
  identifier: string;
  msg_type: string;
  references: string[];
  source_format: string;
  signature: { present?: boolean; valid?: boolean | null; signer?: string | null };
  author: string | null;
  approver: string | null;
  include_other_households?: boolean;
  instruction_is_default?: boolean;
  under_authorisation?: boolean;
  /** Names of the people who could approve it now. */
  may_approve?: string[];
  /** Statutory fields that are still empty. */
  missing?: string[];
  history: { at: Iso; verb: string; by: string; reason: string | null }[];
  allowed: AlertVerb[];
}
/** A leader's signature given beforehand for verified official orange and red warnings. */
export interface Authorisation {
  id: Id;
  levels: Level[];
  place_name: string;
  valid_from: Iso;
  valid_until: Iso;
  signed_by: string;
  note: string;
  stopped_at: Iso | null;
  stopped_by?: string;
  stop_reason: string;
  in_force: boolean;
}
export interface ImportAnswer {
  verdict?: ImportVerdict["verdict"];
  format?: string;
  errors?: ImportVerdict["errors"];
  items: ImportVerdict[];
}
export interface ImportVerdict {
  alert_id: Id | null;
  verdict: "accepted" | "rejected" | "migrated";
  format: string;
  errors: { code: string; zh: string; en: string; line?: number | null; field?: string | null }[];
}
export interface VenueConcerned {
  id: Id;
  name: string;
  kind_zh: string;
  kind_en: string;
  place_name: string;
  headcount_tonight: number;
  /** Who sleep there; null where nobody has said. */
  boarding_people: number | null;
  open_when: string;
  contact_name: string;
  contact_has_number: boolean;
}
export interface Concerned {
  danger_households: number;
  danger_people: number;
  assist_people: number;
  venues: number;
  /** At most 200 of them, those with most people first. */
  venue_list: VenueConcerned[];
  posts: number;
  parties: number;
  by_township: {
    code: string;
    name: string;
    villages: number;
    households: number;
    people: number;
    assist: number;
    posts: number;
  }[];
  without_number: number;
  without_point: { code: string; name: string }[];
  other_households: { count: number; included: boolean };
  estimate_minutes: number;
  lines: number;
  seconds_a_call: number;
  lines_are_default: boolean;
  /** What households concerned understand besides the standard language; `text` is empty where nobody has checked words. */
  languages: { language: string; households: number; text: string }[];
}
export interface TimelineItem {
  fact_id: string;
  at: Iso;
  kind: string;
  sentence_zh: string;
  sentence_en: string;
  actor_name: string;
  place_name: string;
  verified: boolean;
  /** Position in this node's journal; what `after` counts by. */
  arrival?: number;
}
export interface Timeline {
  items: TimelineItem[];
  verified: { state: "verified" | "broken" | "checking"; facts: number; checked_at: Iso | null };
}

export interface EvacuationTotals extends Balance {
  needs_help_left: number;
}
export interface MissingHousehold {
  household_id: Id;
  label: string;
  place_code: string;
  people: number;
  assist_level: number;
  status: HouseholdStatus;
  responsible_name: string;
}
export interface EvacuationDetail extends EvacuationTotals {
  missing: MissingHousehold[];
}
export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface FieldHousehold {
  id: Id;
  label: string;
  people: number;
  assist_level: number;
  status: HouseholdStatus;
  status_word_zh: string;
  confirmed_by: string | null;
  confirmed_at: Iso | null;
  people_moved: number | null;
}
export interface FieldTonight {
  alert: {
    id: Id;
    level: Level;
    kind: AlertKind;
    short_text: string;
    instruction: string;
    issued_at: Iso;
    exercise: boolean;
    category_name: string;
  } | null;
  call: { id: Id; state: string; answer_kind: AnswerKind | null } | null;
  totals: Balance;
  groups: { head_person_id: Id; head_name: string; households: FieldHousehold[] }[];
  server_time: Iso;
}
export interface FieldEntry {
  client_id: string;
  kind: "household_status" | "answer";
  household_id?: Id;
  call_id?: Id;
  status?: HouseholdStatus;
  answer_kind?: AnswerKind;
  people?: number;
  confirmed_by?: string;
  confirmed_how?: ConfirmedHow;
  at: Iso;
}
export interface FieldEntryResult {
  client_id: string;
  outcome: "recorded" | "already_recorded" | "refused";
  problem?: { code: string; zh: string; en: string };
}

export interface AlertPublic {
  id: Id;
  kind: AlertKind;
  level: Level;
  category_name?: string;
  headline: string;
  issuer: string;
  issued_at: Iso;
  expires_at: Iso;
  area_description: string;
  caution: string;
  instruction: string;
  verbatim_text: string;
  exercise: boolean;
  state: AlertState;
}
export interface PublicAlerts {
  items: AlertPublic[];
  phone: { duty_room: string };
}

export interface Demonstration {
  state: "idle" | "running" | "finished";
  night_time: Iso | null;
  alert_id: Id | null;
  callout_id: Id | null;
  speed: number;
  second_act: SecondAct | null;
}
export interface Counts {
  should: number;
  moved: number;
  away: number;
  not_yet: number;
}
export interface SecondAct {
  state: "preparing" | "pulled" | "reconnecting" | "agreed";
  township_code: string;
  township_name: string;
  address: string;
  pulled_at: Iso | null;
  known: Counts;
  by_text: { villages: number; should: number; moved: number };
  outcome: { facts: number; seconds: number; county: Counts; township: Counts; agree: boolean } | null;
}

export type Schemas = components["schemas"];
export type Upstream = Schemas["UpstreamOut"];
export type NodeRow = Schemas["NodeRow"];
export type SosItem = Schemas["SosItem"];
export type MovedFirstItem = Schemas["MovedFirstItem"];
export type BundleAnswer = Schemas["UploadOut"];
export type BundleReport = Schemas["BundleReport"];
export type BundlePassage = Schemas["PassageRow"];
export type Difference = Schemas["DifferenceOut"];
export type RefusedFact = Schemas["RefusedOut"];
export type ContactRow = Schemas["ContactRow"];
export type TypedRow = Schemas["TypedRow"];
export type SheetRow = Schemas["SheetRow"];
export type HeardItem = Schemas["HeardItem"];
export type CertifiedNode = Schemas["Node"];
export type NodeRequest = Schemas["Asked"];
export type EnrolledNode = Schemas["Enrolled"];
export type Device = Schemas["DeviceOut"];
export type HeadcountPage = Schemas["HeadcountPage"];
export type ReportItem = Schemas["ReportItem"];
export type BundleStrip = Schemas["StripOut"];
