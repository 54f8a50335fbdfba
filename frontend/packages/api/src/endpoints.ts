/** Every address of the back end, once. Screens call these verbs and never write a path. */
import type { AnswerKind } from "@fengsui/domain";

import { http } from "./client";
import type * as T from "./types";

export const api = {
  session: () => http.get<T.Session>("/session"),
  signInWithPassword: (name: string, password: string) => http.post<T.Session>("/session/password", { name, password }),
  signInWithLink: (token: string) => http.post<T.Session>("/session/link", { token }),
  signOut: () => http.post<unknown>("/session/end"),

  baseMap: () => http.get<T.BaseMap>("/map/base"),
  dangerAreas: () => http.get<T.FeatureCollection>("/map/danger-areas"),

  alerts: (state: "open" | "all") => http.get<{ items: T.AlertSummary[] }>("/alerts", { state }),
  alert: (id: T.Id) => http.get<T.AlertDetail>(`/alerts/${id}`),
  importText: (text: string) => http.post<T.ImportAnswer>("/alerts/import", { text }),
  importFile: (file: File) => {
    const form = new FormData();
    form.append("file", file);
    return http.post<T.ImportAnswer>("/alerts/import", form);
  },
  paste: (text: string, place_code: string) => http.post<T.AlertDetail>("/alerts/paste", { text, place_code }),
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
  ) => http.patch<T.AlertDetail>(`/alerts/${id}`, change),
  concerned: (id: T.Id) => http.get<T.Concerned>(`/alerts/${id}/concerned`),
  submit: (id: T.Id) => http.post<T.AlertDetail>(`/alerts/${id}/submit`),
  approve: (id: T.Id, reason: string) => http.post<T.AlertDetail>(`/alerts/${id}/approve`, { reason }),
  returnToAuthor: (id: T.Id, reason: string) => http.post<T.AlertDetail>(`/alerts/${id}/return`, { reason }),
  cancel: (id: T.Id, reason: string) => http.post<T.AlertDetail>(`/alerts/${id}/cancel`, { reason }),
  selfRescue: (place_code: string, text: string) => http.post<T.AlertDetail>("/alerts/self-rescue", { place_code, text }),
  timeline: (id: T.Id, after?: string) => http.get<T.Timeline>(`/alerts/${id}/timeline`, { after }),

  evacuation: (alertId: T.Id) => http.get<T.EvacuationDetail | null>(`/alerts/${alertId}/evacuation`),

  board: (calloutId: T.Id, at?: string | null) => http.get<T.Board>(`/callouts/${calloutId}/board`, { at }),
  unanswered: (calloutId: T.Id, query: { after?: string | null; limit?: number; village?: string } = {}) =>
    http.get<T.Page<T.UnansweredItem>>(`/callouts/${calloutId}/unanswered`, query),
  stopCallout: (calloutId: T.Id, reason: string) => http.post<unknown>(`/callouts/${calloutId}/stop`, { reason }),
  reveal: (callId: T.Id, reason: string) => http.post<{ phone: string }>(`/calls/${callId}/reveal`, { reason }),
  reachedInPerson: (callId: T.Id, note: string) => http.post<unknown>(`/calls/${callId}/reached-in-person`, { note }),
  answer: (callId: T.Id, answer_kind: AnswerKind, client_id: string) =>
    http.post<unknown>(`/calls/${callId}/answer`, { answer_kind, client_id }),
  answerFor: (callId: T.Id, answer_kind: AnswerKind, heard_from: string, note: string) =>
    http.post<unknown>(`/calls/${callId}/answer-for`, { answer_kind, heard_from, note }),

  fieldTonight: () => http.get<T.FieldTonight>("/field/tonight"),
  fieldEntries: (entries: T.FieldEntry[]) =>
    http.post<{ results: T.FieldEntryResult[]; totals: T.FieldTonight["totals"] }>("/field/entries", { entries }),

  publicAlerts: () => http.get<T.PublicAlerts>("/public/alerts"),

  demonstration: () => http.get<T.Demonstration>("/demonstration"),
  startDemonstration: (speed: number) => http.post<T.Demonstration>("/demonstration/start", { speed }),
  stopDemonstration: () => http.post<T.Demonstration>("/demonstration/stop"),
};
