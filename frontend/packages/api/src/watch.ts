/** Duty: rooms tonight, rota, handover, roll-call, check-ins, reports. */
import { address, http } from "./client";
import { at } from "./paths";
import type { Id, Iso } from "./types";

export interface DutyRoom {
  post_id: Id;
  place_code: string;
  place_name: string;
  title: string;
  has_rota: boolean;
  /** Whom its bell wakes, first to last. */
  on_watch: string[];
  officers: string[];
  leaders: string[];
  /** Who signed the last handover; "" where nobody ever did. */
  responsible: string;
  signed_at: Iso | null;
  is_unsigned: boolean;
  may_plan: boolean;
  may_sign: boolean;
  next_gap_at: Iso | null;
  gaps: number;
  clashes: number;
}
export interface WatchTonight {
  rooms: DutyRoom[];
  may_roll_call: boolean;
  place_code: string;
  server_time: Iso;
}
export interface DutyShift {
  id: Id;
  position: "leader" | "officer";
  position_zh: string;
  position_en: string;
  person_id: Id;
  name: string;
  from_at: Iso;
  until_at: Iso;
  is_now: boolean;
}
export interface DutyGap {
  from_at: Iso;
  until_at: Iso;
  position: string;
  position_zh: string;
  position_en: string;
  wanted: number;
  found: number;
  away: string[];
}
export interface DutyClash {
  name: string;
  from_at: Iso;
  until_at: Iso;
  rooms: string[];
  is_too_long: boolean;
}
export interface DutyRule {
  name: string;
  zh: string;
  en: string;
  number: number;
  least: number;
  most: number;
  is_default: boolean;
}
export interface DutyRota {
  room: DutyRoom;
  shifts: DutyShift[];
  gaps: DutyGap[];
  clashes: DutyClash[];
  rules: DutyRule[];
  rules_source: string;
  is_verified: boolean;
  days: number;
  server_time: Iso;
}
export interface PlanWanted {
  first_day: string;
  days: number;
  starts_at_hours: number[];
  leaders: Id[];
  officers: Id[];
  officers_each: number;
  is_dry_run: boolean;
}
export interface Planned {
  shifts: DutyShift[];
  count: number;
  withdrawn: number;
  is_written: boolean;
}
export interface DutyPerson {
  person_id: Id;
  name: string;
}
export interface CalendarRow {
  from_at: Iso;
  until_at: Iso;
  position_zh: string;
  position_en: string;
  name: string;
  problem_zh: string;
  problem_en: string;
  is_known: boolean;
}
export interface CalendarTaken {
  rows: CalendarRow[];
  added: number;
  moved: number;
  known: number;
  left: number;
  is_written: boolean;
}
export interface OpenMatter {
  key: string;
  kind: string;
  kind_zh: string;
  kind_en: string;
  place_code: string;
  title_zh: string;
  title_en: string;
  since_at: Iso | null;
  due_at: Iso | null;
  count: number;
  link: string;
}
export interface HandoverNote {
  id: Id;
  text: string;
  written_by: string;
  written_at: Iso;
}
export interface SignedHandover {
  id: Id;
  incoming: string;
  outgoing: string;
  signed_at: Iso;
  count: number;
  by_kind: OpenMatter[];
  digest: string;
}
export interface HandoverPage {
  room: DutyRoom;
  matters: OpenMatter[];
  notes: HandoverNote[];
  history: SignedHandover[];
  server_time: Iso;
}
export type RoomAnswer = "waiting" | "in_time" | "late" | "stood_in" | "silent";
export interface RollCallRoom {
  post_id: Id;
  place_code: string;
  place_name: string;
  title: string;
  person: string;
  answer: RoomAnswer;
  answered_at: Iso | null;
  took_s: number | null;
  call_id: Id | null;
}
export interface RollCall {
  id: Id;
  callout_id: Id;
  place_name: string;
  opened_at: Iso;
  closes_at: Iso;
  within_s: number;
  exercise: boolean;
  is_over: boolean;
  in_time: number;
  total: number;
  rooms: RollCallRoom[];
}
export type CheckInState = "in_time" | "missing" | "ended";
export interface CheckIn {
  id: Id;
  person_id: Id;
  name: string;
  place_code: string;
  place_name: string;
  title: string;
  leader: string;
  task: string;
  every_s: number;
  state: CheckInState;
  due_at: Iso;
  until_at: Iso;
  heard_at: Iso | null;
  missed_at: Iso | null;
  ended_at: Iso | null;
  outcome: string;
  outcome_zh: string;
  outcome_en: string;
  exercise: boolean;
  position: { lon: number; lat: number; accuracy_m: number | null; at: Iso } | null;
}
export interface MyCheckIn {
  mine: CheckIn | null;
  leaders: DutyPerson[];
  /** A roll-call that waits for this person's answer. */
  call_id: Id | null;
  server_time: Iso;
}
export interface CheckInWanted {
  person_id?: Id | null;
  every_min: number;
  hours: number;
  leader_id?: Id | null;
  task?: string;
  exercise?: boolean;
}
export type ReportStep = "phone" | "written" | "follow_up" | "final";
export type DeadlineState = "waiting" | "soon" | "late" | "done" | "done_late";
export interface ReportDeadline {
  kind: ReportStep;
  begins_at: Iso;
  /** null where the rule sets no limit. */
  due_at: Iso | null;
  done_at: Iso | null;
  state: DeadlineState;
}
export interface IncidentReport {
  id: Id;
  kind: ReportStep;
  at: Iso;
  told_to: string;
  recorded_by: string;
  is_late: boolean;
  owes_reason: boolean;
  late_reason: string;
}
export interface IncidentCorrection {
  known_from: Iso;
  known_at: Iso;
  grade_from: string;
  grade: string;
  reason: string;
  corrected_by: string;
  corrected_at: Iso;
}
/** An end of handling that was taken back. */
export interface IncidentReopening {
  closed_at: Iso;
  reopened_at: Iso;
  reopened_by: string;
  reason: string;
}
/** An event whose reports are timed from `known_at` (获悉). */
export interface Incident {
  id: Id;
  title: string;
  grade: string;
  profile: string;
  is_verified: boolean;
  place_code: string;
  place_name: string;
  where_name: string;
  heard_from: string;
  known_at: Iso;
  occurred_at: Iso | null;
  entered_at: Iso;
  entered_by: string;
  closed_at: Iso | null;
  finished_at: Iso | null;
  deadlines: ReportDeadline[];
  next_due: ReportDeadline | null;
  reports: IncidentReport[];
  corrections: IncidentCorrection[];
  reopenings: IncidentReopening[];
  may_record: boolean;
}
export interface ReportWord {
  name: string;
  zh: string;
  en: string;
}
export interface IncidentPage {
  items: Incident[];
  grades: ReportWord[];
  profiles: (ReportWord & { is_verified: boolean })[];
  server_time: Iso;
}
export interface IncidentWanted {
  title: string;
  grade: string;
  profile: string;
  known_at: Iso;
  occurred_at: Iso | null;
  heard_from: string;
}

export const watchApi = {
  tonight: () => http.get<WatchTonight>(at("/api/v1/watch")),
  mine: () => http.get<MyCheckIn>(at("/api/v1/watch/mine")),
  rota: (room: Id) => http.get<DutyRota>(at("/api/v1/watch/rooms/{room_id}", room)),
  people: (room: Id) => http.get<{ items: DutyPerson[] }>(at("/api/v1/watch/rooms/{room_id}/people", room)),
  plan: (room: Id, wanted: PlanWanted) => http.post<Planned>(at("/api/v1/watch/rooms/{room_id}/plan", room), wanted),
  changeShift: (shift: Id, body: { person_id?: Id | null; is_withdrawn?: boolean; reason?: string }) =>
    http.post<{ id: Id }>(at("/api/v1/watch/shifts/{shift_id}", shift), body),
  setRule: (place_code: string, name: string, number: number) =>
    http.put<{ id: string }>(at("/api/v1/watch/rules"), { place_code, name, number }),
  calendarAddress: (room: Id) => address(at("/api/v1/watch/rooms/{room_id}/rota.ics", room)),
  calendar: (room: Id, text: string, is_dry_run: boolean) =>
    http.post<CalendarTaken>(at("/api/v1/watch/rooms/{room_id}/calendar", room), { text, is_dry_run }),
  handover: (room: Id) => http.get<HandoverPage>(at("/api/v1/watch/rooms/{room_id}/handover", room)),
  sign: (room: Id, keys: string[]) => http.post<{ id: Id; count: number }>(at("/api/v1/watch/rooms/{room_id}/handover", room), { keys }),
  leaveNote: (room: Id, text: string) => http.post<{ id: Id }>(at("/api/v1/watch/rooms/{room_id}/notes", room), { text }),
  closeNote: (note: Id) => http.post<{ id: Id }>(at("/api/v1/watch/notes/{note_id}/close", note)),
  rollCalls: () => http.get<{ items: RollCall[]; server_time: Iso }>(at("/api/v1/watch/roll-calls")),
  callTheRoll: (place_code: string, exercise: boolean) =>
    http.post<{ id: Id }>(at("/api/v1/watch/roll-calls"), { place_code, exercise }),
  checkIns: (with_ended: boolean) =>
    http.get<{ items: CheckIn[]; missing: number; server_time: Iso }>(at("/api/v1/watch/check-ins"), { with_ended }),
  startCheckIns: (wanted: CheckInWanted) => http.post<{ id: Id }>(at("/api/v1/watch/check-ins"), wanted),
  heardOf: (id: Id, text: string) =>
    http.post<{ outcome: string; due_at: Iso }>(at("/api/v1/watch/check-ins/{check_in_id}/words", id), { text }),
  endCheckIns: (id: Id, outcome: string, reason: string) =>
    http.post<{ outcome: string }>(at("/api/v1/watch/check-ins/{check_in_id}/end", id), { outcome, reason }),
  incidents: () => http.get<IncidentPage>(at("/api/v1/watch/incidents")),
  enterIncident: (room: Id, wanted: IncidentWanted) => http.post<{ id: Id }>(at("/api/v1/watch/rooms/{room_id}/incidents", room), wanted),
  recordReport: (incident: Id, body: { kind: ReportStep; told_to: string; at: Iso | null; late_reason: string }) =>
    http.post<{ id: Id; owes_reason: boolean }>(at("/api/v1/watch/incidents/{incident_id}/reports", incident), body),
  giveLateReason: (report: Id, reason: string) => http.post<{ id: Id }>(at("/api/v1/watch/reports/{report_id}/reason", report), { reason }),
  correctIncident: (incident: Id, body: { reason: string; known_at: Iso | null; grade: string }) =>
    http.post<{ id: Id }>(at("/api/v1/watch/incidents/{incident_id}/corrections", incident), body),
  closeIncident: (incident: Id) => http.post<{ id: Id }>(at("/api/v1/watch/incidents/{incident_id}/close", incident), { at: null }),
  reopenIncident: (incident: Id, reason: string) => http.post<{ id: Id }>(at("/api/v1/watch/incidents/{incident_id}/reopen", incident), { reason }),
};
