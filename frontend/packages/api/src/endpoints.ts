/** Every address of the back end, once. Screens call these verbs and never write a path. */
import type { AnswerKind } from "@fengsui/domain";

import type * as B from "./board";
import { downloadAddress, http } from "./client";
import { at } from "./paths";
import type * as T from "./types";

export const api = {
  session: () => http.get<T.Session>(at("/api/v1/session")),
  signInWithPassword: (name: string, password: string) => http.post<T.Session>(at("/api/v1/session/password"), { name, password }),
  signInWithLink: (token: string) => http.post<T.Session>(at("/api/v1/session/link"), { token }),
  signOut: () => http.post<unknown>(at("/api/v1/session/end")),

  baseMap: () => http.get<T.BaseMap>(at("/api/v1/map/base")),
  dangerAreas: () => http.get<T.FeatureCollection>(at("/api/v1/map/danger-areas")),

  alerts: (state: "open" | "all") => http.get<{ items: T.AlertSummary[] }>(at("/api/v1/alerts"), { state }),
  alert: (id: T.Id) => http.get<T.AlertDetail>(at("/api/v1/alerts/{alert_id}", id)),
  importText: (text: string) => {
    const form = new FormData();
    form.append("text", text);
    return http.post<T.ImportAnswer>(at("/api/v1/alerts/import"), form);
  },
  importFile: (file: File) => {
    const form = new FormData();
    form.append("file", file);
    return http.post<T.ImportAnswer>(at("/api/v1/alerts/import"), form);
  },
  paste: (text: string, place_code: string) => http.post<T.AlertDetail>(at("/api/v1/alerts/paste"), { text, place_code }),
  edit: (
    id: T.Id,
    change: {
      area_codes?: string[];
      polygon?: unknown;
      include_other_households?: boolean;
      instruction?: string;
      short_text?: string;
      reason: string;
    },
  ) => http.patch<T.AlertDetail>(at("/api/v1/alerts/{alert_id}", id), change),
  concerned: (id: T.Id) => http.get<T.Concerned>(at("/api/v1/alerts/{alert_id}/concerned", id)),
  submit: (id: T.Id) => http.post<T.AlertDetail>(at("/api/v1/alerts/{alert_id}/submit", id)),
  approve: (id: T.Id, reason: string) => http.post<T.AlertDetail>(at("/api/v1/alerts/{alert_id}/approve", id), { reason }),
  returnToAuthor: (id: T.Id, reason: string) => http.post<T.AlertDetail>(at("/api/v1/alerts/{alert_id}/return", id), { reason }),
  cancel: (id: T.Id, reason: string) => http.post<T.AlertDetail>(at("/api/v1/alerts/{alert_id}/cancel", id), { reason }),
  selfRescue: (place_code: string, text: string) => http.post<T.AlertDetail>(at("/api/v1/alerts/self-rescue"), { place_code, text }),
  reviewSelfRescue: (id: T.Id, verdict: string) =>
    http.post<T.AlertDetail>(at("/api/v1/alerts/{alert_id}/review", id), { reason: verdict }),
  timeline: (id: T.Id, after?: number) => http.get<T.Timeline>(at("/api/v1/alerts/{alert_id}/timeline", id), { after }),

  authorisations: () => http.get<{ items: T.Authorisation[] }>(at("/api/v1/authorisations")),
  signAuthorisation: (signed: { levels: string[]; valid_from: string; valid_until: string; note: string }) =>
    http.post<{ items: T.Authorisation[] }>(at("/api/v1/authorisations"), signed),
  stopAuthorisation: (id: T.Id, reason: string) =>
    http.post<{ items: T.Authorisation[] }>(at("/api/v1/authorisations/{authorisation_id}/stop", id), { reason }),

  evacuation: (alertId: T.Id) => http.get<T.EvacuationDetail | null>(at("/api/v1/alerts/{alert_id}/evacuation", alertId)),

  board: (calloutId: T.Id, moment?: string | null) => http.get<B.Board>(at("/api/v1/callouts/{callout_id}/board", calloutId), { at: moment }),
  unanswered: (calloutId: T.Id, query: { after?: string | null; limit?: number; village?: string; rung?: number; channel?: string } = {}) =>
    http.get<T.Page<B.UnansweredItem>>(at("/api/v1/callouts/{callout_id}/unanswered", calloutId), query),
  nextToRing: (calloutId: T.Id, limit = 10) => http.get<{ items: B.ToRingItem[] }>(at("/api/v1/callouts/{callout_id}/next-to-ring", calloutId), { limit }),
  earlierNights: (calloutId: T.Id) => http.get<{ items: B.Night[] }>(at("/api/v1/callouts/{callout_id}/earlier", calloutId)),
  firstAction: (calloutId: T.Id, unit_code: string, heard_from: string, note: string) =>
    http.post<unknown>(at("/api/v1/callouts/{callout_id}/first-action", calloutId), { unit_code, heard_from, note }),
  reportHeadcount: (counted: { place_code: string; evacuation_id: T.Id | null; should: number; moved: number; away: number; client_id: string }) =>
    http.post<unknown>(at("/api/v1/situation/headcounts"), counted),
  evacuationByPlace: (alertId: T.Id) =>
    http.get<{ by_place: Record<string, { should: number; moved: number; away: number; not_yet: number }> } | null>(at("/api/v1/alerts/{alert_id}/evacuation", alertId)),
  myCalls: () => http.get<{ items: B.MyCall[] }>(at("/api/v1/calls/mine")),
  stopCallout: (calloutId: T.Id, reason: string) => http.post<unknown>(at("/api/v1/callouts/{callout_id}/stop", calloutId), { reason }),
  reveal: (callId: T.Id, reason: string) => http.post<{ phone: string }>(at("/api/v1/calls/{call_id}/reveal", callId), { reason }),
  reachedInPerson: (callId: T.Id, note: string) => http.post<unknown>(at("/api/v1/calls/{call_id}/reached-in-person", callId), { note }),
  answer: (callId: T.Id, answer_kind: AnswerKind, client_id: string) =>
    http.post<unknown>(at("/api/v1/calls/{call_id}/answer", callId), { answer_kind, client_id }),
  answerFor: (callId: T.Id, answer_kind: AnswerKind, heard_from: string, note: string) =>
    http.post<unknown>(at("/api/v1/calls/{call_id}/answer-for", callId), { answer_kind, heard_from, note }),

  fieldTonight: () => http.get<T.FieldTonight>(at("/api/v1/field/tonight")),
  fieldEntries: (entries: T.FieldEntry[]) =>
    http.post<{ results: T.FieldEntryResult[]; totals: T.FieldTonight["totals"] }>(at("/api/v1/field/entries"), { entries }),

  publicAlerts: () => http.get<T.PublicAlerts>(at("/api/v1/public/alerts")),

  upstream: () => http.get<T.Upstream>(at("/api/v1/exchange/upstream")),
  nodes: () => http.get<{ items: T.NodeRow[] }>(at("/api/v1/exchange/nodes")),
  bundlePassages: () => http.get<{ items: T.BundlePassage[] }>(at("/api/v1/exchange/bundles")),
  bundleAddress: (node: string) => downloadAddress(at("/api/v1/exchange/bundles/{node}", node)),
  bringInPart: (part: Blob, query: { upload: string; offset: number; total: number; carried_by: string }) =>
    http.post<T.BundleAnswer>(at("/api/v1/exchange/bundles"), part, query),
  bringInOn: (digest: string, carried_by: string) => http.post<T.BundleAnswer>(at("/api/v1/exchange/bundles/{digest}/go-on", digest), {}, { carried_by }),
  differences: () => http.get<{ items: T.Difference[] }>(at("/api/v1/record/differences")),
  settleDifference: (id: T.Id, decision: "keep" | "changed", note: string) =>
    http.post<unknown>(at("/api/v1/record/differences/{difference_id}/settle", id), { decision, note }),
  refusedFacts: () => http.get<{ items: T.RefusedFact[] }>(at("/api/v1/record/refused")),
  contact: () => http.get<{ items: T.ContactRow[] }>(at("/api/v1/situation/contact")),
  takeOver: (calloutId: T.Id, body: { place_code: string; reason: string; although_in_contact: boolean }) =>
    http.post<unknown>(at("/api/v1/callouts/{callout_id}/take-over", calloutId), body),
  sheets: (evacuationId: T.Id, place: string) => http.get<{ items: T.SheetRow[] }>(at("/api/v1/exchange/sheets/{evacuation_id}/{place}", evacuationId, place)),
  sheetsAddress: (evacuationId: T.Id, place: string) => downloadAddress(at("/api/v1/exchange/sheets/{evacuation_id}/{place}.pdf", evacuationId, place)),
  typeSheet: (text: string, record: boolean, chosen: Record<string, string>) =>
    http.post<{ rows: T.TypedRow[]; counts: Record<string, number> }>(at("/api/v1/exchange/sheets/typed"), { text, record, chosen }),
  heard: () => http.get<{ items: T.HeardItem[] }>(at("/api/v1/telegrams/heard")),
  typeText: (number: string, text: string, place_code: string) =>
    http.post<{ kind: string; reply: string; outcome: string }>(at("/api/v1/telegrams/texts"), { number, text, place_code }),
  answerInstruction: (id: T.Id, client_id: string) =>
    http.post<unknown>(at("/api/v1/telegrams/instructions/{heard_id}/answer", id), { answer_kind: "on_it", client_id }),
  moveByInstruction: (id: T.Id, client_id: string) =>
    http.post<unknown>(at("/api/v1/telegrams/instructions/{heard_id}/move", id), { note: "", client_id }),
  sos: () => http.get<{ items: T.SosItem[] }>(at("/api/v1/situation/sos")),
  closeSos: (id: T.Id, outcome: string, reason: string) => http.post<unknown>(at("/api/v1/situation/sos/{sos_id}/close", id), { outcome, reason }),
  handBack: (takeoverId: T.Id, reason: string) => http.post<unknown>(at("/api/v1/takeovers/{takeover_id}/hand-back", takeoverId), { reason }),
  carryOn: (id: T.Id) => http.post<T.AlertDetail>(at("/api/v1/alerts/{alert_id}/carry-on", id)),
  headcounts: () => http.get<T.HeadcountPage>(at("/api/v1/situation/headcounts")),
  reports: () => http.get<{ items: T.ReportItem[] }>(at("/api/v1/situation/reports")),
  certifiedNodes: () => http.get<{ items: T.CertifiedNode[] }>(at("/api/v1/nodes")),
  nodeRequests: () => http.get<{ items: T.NodeRequest[] }>(at("/api/v1/nodes/requests")),
  handInRequest: (request: string) => http.post<{ code: string }>(at("/api/v1/nodes/requests"), { request }),
  enrolNode: (body: { code: string; scope: string; level: string; name: string }) => http.post<T.EnrolledNode>(at("/api/v1/nodes/enrol"), body),
  revokeNode: (short: number, reason_code: string, reason: string) =>
    http.post<{ feeds: number }>(at("/api/v1/nodes/{short_id}/revoke", String(short)), { reason_code, reason }),
  devices: (place_code: string) => http.get<{ items: T.Device[] }>(at("/api/v1/devices"), { place_code }),
  deviceLost: (id: T.Id, reason: string) => http.post<unknown>(at("/api/v1/devices/{device_id}/lost", id), { reason }),
  bundleStrip: (node: string) => http.get<T.BundleStrip>(at("/api/v1/exchange/bundles/{node}/strip", node)),
  movedFirst: () => http.get<{ items: T.MovedFirstItem[] }>(at("/api/v1/situation/moved-first")),

  demonstration: () => http.get<T.Demonstration>(at("/api/v1/demonstration")),
  startDemonstration: (speed: number) => http.post<T.Demonstration>(at("/api/v1/demonstration/start"), { speed }),
  cutNetwork: () => http.post<T.Demonstration>(at("/api/v1/demonstration/cut")),
  plugIn: () => http.post<T.Demonstration>(at("/api/v1/demonstration/plug-in")),
  stopDemonstration: () => http.post<T.Demonstration>(at("/api/v1/demonstration/stop")),
};
