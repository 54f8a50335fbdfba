/** What leaves the screen: lists, the group's card and chain, duty reports, reviews, links for an inquiry. */
import { downloadAddress, http } from "./client";
import type { Id, Iso, SheetRow } from "./types";

export interface TakenPaper {
  number: string;
  what: string;
  format: string;
  at: Iso;
  rows_count: number;
  with_personal: boolean;
  reason: string;
  recipient: string;
  actor_name: string;
  taken_at: Iso;
}
export interface PapersOverview {
  callout_id: Id;
  alert_id: Id | null;
  opened_at: Iso;
  exercise: boolean;
  at: Iso;
  called: number;
  unanswered: number;
  drawn: { at: Iso; called: number; unanswered: number } | null;
  taken: TakenPaper[];
}
export interface TakeList {
  format: "xlsx" | "pdf";
  recipient: string;
  reason: string;
  with_personal: boolean;
  at: Iso | null;
}
export type Said = "on_it" | "need_support" | "away" | "other";
export type ChainOutcome = "new" | "recorded" | "already_recorded" | "answered" | "several" | "nobody" | "unreadable";
export interface ChainRow {
  row: number;
  text: string;
  said: Said;
  outcome: ChainOutcome;
  call_id: Id | null;
  who: string;
  choices: { call_id: Id; who: string }[];
}
export interface RelayedWord {
  call_id: Id;
  who: string;
  said: Said;
  text: string;
  group: string;
  heard_at: Iso;
  has_answered: boolean;
}
export interface ReportSection {
  key: string;
  title: string;
  text: string;
}
export type ReportKind = "first" | "follow_up" | "final";
export interface ReportDraft {
  office: string;
  place_code: string;
  exercise: boolean;
  known_at: Iso;
  kind: ReportKind;
  numbers: Record<string, number>;
  before: Record<string, number>;
  needs_note: string[];
  sections: ReportSection[];
  main_to: string;
  copy_to: string;
  contact: string;
  words: { name: string; zh: string; en: string; is_told: boolean }[];
}
export interface DutyReport {
  id: Id;
  number: string;
  issue: number;
  version: number;
  kind: ReportKind;
  numbers: Record<string, number>;
  edited: Record<string, number>;
  notes: Record<string, string>;
  sections: ReportSection[];
  reason: string;
  known_at: Iso;
  issued_at: Iso;
  issued_by_name: string;
}
export interface IssueReport {
  kind: ReportKind;
  sections: ReportSection[];
  told: Record<string, number>;
  notes: Record<string, string>;
  main_to: string;
  copy_to: string;
  contact: string;
  corrects: Id | null;
  reason: string;
  late_reason: string;
}
export interface ShareOf {
  part: number;
  whole: number;
  permille: number | null;
}
export interface CalloutReview {
  at: Iso;
  answer_within_s: number;
  policy: { label_zh?: string | null; source?: string | null };
  shares: Record<"reached" | "answered" | "in_time" | "acted" | "acted_in_time" | "households", ShareOf>;
  counts: Record<string, number>;
  p50_s: number | null;
  p90_s: number | null;
  slowest_s: number | null;
  relayed: number;
  night_only: number;
  first_sign: { at: Iso; what: string; lead_s: number; answered: number; called: number } | null;
  by_township: { code: string; name: string; called: number; answered: number }[];
}
export type PaperVerdict = "genuine" | "changed" | "unknown_signer" | "unsigned";
export type SharePart = "review" | "timeline" | "bulletins" | "unanswered";
export interface InquiryLink {
  id: Id;
  recipient: string;
  reason: string;
  parts: SharePart[];
  made_at: Iso;
  made_by_name: string;
  expires_at: Iso;
  withdrawn_at: Iso | null;
  openings: number;
  wrong_codes: number;
  last_opened_at: Iso | null;
  is_open: boolean;
}
export interface SharedNight {
  recipient: string;
  reason: string;
  expires_at: Iso;
  headline: string;
  issuer: string;
  exercise: boolean;
  at: Iso;
  parts: SharePart[];
  review: CalloutReview | null;
  timeline: { at: Iso; place: string; zh: string; en: string }[];
  bulletins: { number: string; version: number; kind: ReportKind; issued_at: Iso; numbers: Record<string, number>; notes: Record<string, string>; reason: string }[];
  unanswered: { township: string; village: string; post_title: string; name: string; tries: number; last_word: string }[];
}

const part = encodeURIComponent;
const callout = (id: Id): string => `/papers/callouts/${part(id)}`;
const alert = (id: Id): string => `/papers/alerts/${part(id)}`;

export const papersApi = {
  overview: (id: Id) => http.get<PapersOverview>(callout(id)),
  takeList: (id: Id, wanted: TakeList) => http.file(`${callout(id)}/list`, wanted),
  card: (id: Id) => http.get<{ text: string }>(`${callout(id)}/card`),
  relayed: (id: Id) => http.get<{ items: RelayedWord[] }>(`${callout(id)}/relayed`),
  chain: (id: Id, body: { text: string; group: string; record: boolean; chosen: Record<string, Id> }) =>
    http.post<{ rows: ChainRow[]; left_out: number }>(`${callout(id)}/relayed`, body),
  draft: (alertId: Id) => http.get<ReportDraft>(`${alert(alertId)}/draft`),
  reports: (alertId: Id) => http.get<{ items: DutyReport[] }>(`${alert(alertId)}/bulletins`),
  issue: (alertId: Id, body: IssueReport) => http.post<{ bulletin_id: Id; number: string; version: number }>(`${alert(alertId)}/bulletins`, body),
  reportAddress: (id: Id) => downloadAddress(`/papers/bulletins/${part(id)}.pdf`),
  review: (id: Id) => http.get<CalloutReview>(`${callout(id)}/review`),
  reviewPdf: (id: Id, recipient: string) => http.file(`${callout(id)}/review`, { recipient }),
  verify: (paper: Blob) => http.post<{ verdict: PaperVerdict; made_at: Iso | null; callout_id: Id | null; recipient: string }>("/papers/verify", paper),
  links: (id: Id) => http.get<{ items: InquiryLink[] }>(`${callout(id)}/shares`),
  makeLink: (id: Id, body: { parts: SharePart[]; recipient: string; reason: string; expires_at: Iso }) =>
    http.post<{ share_id: Id; token: string; code: string }>(`${callout(id)}/shares`, body),
  withdrawLink: (id: Id, reason: string) => http.post<unknown>(`/papers/shares/${part(id)}/withdraw`, { reason }),
  shared: (token: string, code: string) => http.post<SharedNight>("/papers/shared", { token, code }),
  knockSheets: (alertId: Id, place: string) => http.get<{ items: SheetRow[] }>(`/exchange/sheets/alerts/${part(alertId)}/${part(place)}`),
  knockAddress: (alertId: Id, place: string) => downloadAddress(`/exchange/sheets/alerts/${part(alertId)}/${part(place)}.pdf`),
};
