/** Files of a row, terms, erasures, and who looked at full numbers. */
import { address, http } from "./client";
import type { Id, Iso } from "./types";

export interface UploadState {
  id: Id;
  received: number;
  bytes: number;
  attachment_id: Id | null;
}
export interface FileKind {
  name: string;
  media_type: string;
  ending: string;
  zh: string;
  en: string;
  bytes_max: number;
}
export interface UploadLimits {
  kinds: FileKind[];
  piece_bytes_max: number;
  bytes_max: number;
  node_used: number;
  node_max: number;
  person_used_today: number;
  person_a_day_max: number;
  refusal: "" | "disk" | "node" | "person" | "uploads";
  statement_zh: string;
  statement_en: string;
}
export interface Attachment {
  id: Id;
  owner_ledger: string;
  owner_id: string;
  file_name: string;
  kind: string;
  kind_zh: string;
  kind_en: string;
  bytes: number;
  width: number | null;
  height: number | null;
  taken_at: Iso | null;
  lon_e7: number | null;
  lat_e7: number | null;
  added_at: Iso;
  presence: "here" | "not_here" | "withdrawn" | "erased";
  presence_zh: string;
  presence_en: string;
  has_thumbnail: boolean;
  has_public: boolean;
}
export type CopyOfFile = "original" | "public" | "thumbnail";

export interface DataClass {
  code: string;
  zh: string;
  en: string;
  holds_zh: string;
  holds_en: string;
  basis: "event" | "age" | "in_use" | "kept" | "machine";
  places: string[];
  days: number | null;
  days_default: number | null;
  least: number | null;
  most: number | null;
  source: string;
  is_verified: boolean;
  end_zh: string;
  end_en: string;
  set_at: Iso | null;
  set_reason: string;
  may_set: boolean;
}
export interface EventDue {
  alert_id: Id;
  title: string;
  place_code: string;
  ended_at: Iso;
  due_at: Iso;
  is_due: boolean;
  is_over: boolean;
  kept_until: Iso | null;
  kept_reason: string;
  people: number;
  records: number;
  exercise: boolean;
}
export interface ClassDue {
  code: string;
  zh: string;
  en: string;
  days: number;
  before: Iso;
  left: number | null;
  is_due: boolean;
}
export interface ErasureOrder {
  id: Id;
  subject: "event" | "person" | "household" | "class";
  classes: string[];
  place_code: string;
  reason: string;
  ordered_by: string;
  ordered_at: Iso;
  done_at: Iso | null;
  facts: number;
  leaves: number;
}
export interface Retention {
  classes: DataClass[];
  events: EventDue[];
  classes_due: ClassDue[];
  erasures: ErasureOrder[];
  may_erase: boolean;
}
export interface ErasureSubject {
  subject: "person" | "household";
  id: Id;
  name: string;
  place_code: string;
}
export interface Counted {
  zh: string;
  en: string;
  count: number;
}
export interface ErasurePreview extends ErasureSubject {
  goes: Counted[];
  stays: Counted[];
  is_still_needed: boolean;
  exports: ExportMade[];
}
export interface Reveal {
  id: Id;
  at: Iso;
  by: string;
  place_code: string;
  zh: string;
  en: string;
}
export interface ExportMade {
  number: string;
  ledger: string;
  rows_count: number;
  with_personal: boolean;
  reason: string;
  recipient: string;
  actor_name: string;
  at: Iso;
}

const part = encodeURIComponent;

export const privacyApi = {
  uploadLimits: () => http.get<UploadLimits>("/attachments/limits"),
  beginUpload: (file: { owner_ledger: string; owner_id: string; file_name: string; bytes: number; sha256: string }) =>
    http.post<UploadState>("/attachments", file),
  sendPiece: (id: Id, offset: number, piece: Blob) => http.put<UploadState>(`/attachments/uploads/${part(id)}/content`, piece, { offset }),
  cancelUpload: (id: Id) => http.remove<unknown>(`/attachments/uploads/${part(id)}`),
  attachments: (ledger: string, row: string) => http.get<{ items: Attachment[]; may_add: boolean }>(`/ledgers/${part(ledger)}/rows/${part(row)}/attachments`),
  attachmentAddress: (id: Id, size: CopyOfFile) => address(`/attachments/${part(id)}`, { size }),
  withdrawAttachment: (id: Id, reason: string) => http.post<unknown>(`/attachments/${part(id)}/withdraw`, { reason }),

  retention: () => http.get<Retention>("/retention"),
  setTerm: (code: string, days: number, reason: string) => http.patch<unknown>(`/retention/classes/${part(code)}`, { days, reason }),
  eraseClass: (code: string, reason: string) => http.post<unknown>(`/retention/classes/${part(code)}/erase`, { reason }),
  eraseEvent: (id: Id, reason: string) => http.post<unknown>(`/retention/events/${part(id)}/erase`, { reason }),
  keepEvent: (id: Id, until: Iso, reason: string) => http.post<unknown>(`/retention/events/${part(id)}/keep`, { until, reason }),
  findSubjects: (text: string) => http.post<{ items: ErasureSubject[] }>("/retention/find", { text }),
  previewErasure: (subject: string, id: Id) => http.get<ErasurePreview>(`/retention/subjects/${part(subject)}/${part(id)}`),
  eraseSubject: (subject: string, id: Id, reason: string) => http.post<unknown>(`/retention/subjects/${part(subject)}/${part(id)}/erase`, { reason }),
  reveals: (before: Id | null = null) => http.get<{ items: Reveal[]; next: string | null }>("/retention/reveals", { before }),
  exportsMade: () => http.get<{ items: ExportMade[] }>("/exports"),
};
