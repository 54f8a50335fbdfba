/** Nights that run again: docs/interfaces/replay.md says what the numbers of a step are. */
import type { AlertKind, HouseholdStatus, Level } from "@fengsui/domain";

import { http } from "./client";
import { at } from "./paths";
import type { Id, Iso } from "./types";

export interface ReplayHeadline {
  alert_id: Id | null;
  callout_id: Id | null;
  evacuation_id: Id | null;
  level: Level;
  kind: AlertKind | "callout";
  category: string;
  category_name: string;
  area_description: string;
  self_rescue: boolean;
  headline: string;
  exercise: boolean;
  opened_at: Iso;
}
export interface ReplayNight {
  night: string;
  begins_at: Iso;
  ends_at: Iso;
  tracks: ReplayHeadline[];
}
/** [ms, place, stand before, stand after, how many] */
export type MoveStep = [number, number, number, number, number];
/** [ms, place, should, moved, away, households left, of them needing help], as differences */
export type SumStep = [number, number, number, number, number, number, number];
/** [ms, place, tries, arrived, answered by key, failed, of the tries those beside the person called], as differences */
export type TryStep = [number, number, number, number, number, number, number];
export interface ReplayTrack extends ReplayHeadline {
  opened_ms: number;
  answer_within_s: number;
  states: [number, string][];
  calls: MoveStep[];
  units: MoveStep[];
  support: number[];
  channels: { channel: string; steps: TryStep[] }[];
  evacuation: SumStep[] | null;
}
export interface ReplayEvent {
  ms: number;
  track: number;
  kind: string;
  is_decision: boolean;
  zh: string;
  en: string;
  place_code: string;
  place_name: string;
  actor_name: string;
}
export interface Score {
  night: string;
  begins_at: Iso;
  ends_at: Iso;
  is_running: boolean;
  places: { code: string; name: string }[];
  tracks: ReplayTrack[];
  events: ReplayEvent[];
  events_left_out: number;
  facts: number;
}
export interface ReplayPerson {
  call_id: Id;
  name: string;
  post_title: string;
  place_code: string;
  place_name: string;
  /** [ms since 1970, stand, rung, last word] */
  steps: [number, number, number, string, string][];
}
export interface ReplayPeople {
  items: ReplayPerson[];
  is_whole: boolean;
  rungs: { zh: string; en: string }[];
}
export interface ReplayHousehold {
  household_id: Id;
  label: string;
  place_code: string;
  place_name: string;
  people: number;
  assist_level: number;
  /** [ms since 1970, status, moved, away, not yet] */
  steps: [number, HouseholdStatus, number, number, number][];
}
export interface ReplayHouseholds {
  items: ReplayHousehold[];
  is_whole: boolean;
}

export const replayApi = {
  nights: () => http.get<{ items: ReplayNight[] }>(at("/api/v1/replay/nights")),
  score: (night: string, under = "") => http.get<Score>(at("/api/v1/replay/nights/{night}", night), { under }),
  people: (night: string, calloutId: Id, under = "") =>
    http.get<ReplayPeople>(at("/api/v1/replay/nights/{night}/callouts/{callout_id}/people", night, calloutId), { under }),
  households: (night: string, evacuationId: Id, under = "") =>
    http.get<ReplayHouseholds>(at("/api/v1/replay/nights/{night}/evacuations/{evacuation_id}/households", night, evacuationId), { under }),
};
