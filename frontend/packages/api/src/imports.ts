/** Imports and exports 导入导出: an office's sheet into a register, and a register out as a sheet. */
import { address, http } from "./client";
import type { RowsQuery } from "./ledgers";
import type { Id, Iso } from "./types";

export type ImportState = "receiving" | "reading" | "read" | "checking" | "checked" | "running" | "done" | "failed" | "cancelled" | "undone";
export type RowKind = "new" | "changed" | "same" | "faulty" | "doubtful";
export type SheetFormat = "xlsx" | "csv" | "geojson";
export type CoordinateSystem = "wgs84" | "cgcs2000" | "gcj02" | "bd09";

/** How many rows are what; `outcome` once it is over. */
export interface ImportCounts extends Partial<Record<RowKind, number>> {
  rows?: number;
  skipped?: number;
  refused?: number;
  kept?: number;
  outcome?: { created: number; changed: number; left_out: number };
}
export interface ImportLine {
  id: Id;
  ledger: string;
  file_name: string;
  state: ImportState;
  created_at: Iso;
  touched_at: Iso;
  counts: ImportCounts;
}
/** What a header can stand for. */
export interface ImportTarget {
  name: string;
  zh: string;
  en: string;
  required: boolean;
  takes_several: boolean;
}
export interface ImportStanding extends ImportLine {
  bytes: number;
  received: number;
  piece_bytes_max: number;
  total: number;
  done: number;
  change_set_id: Id | null;
  problem: { zh: string; en: string; mark: string } | null;
  staging_days: number;
  targets: ImportTarget[];
  sheets?: { place: number; name: string; rows: number }[];
  sheet?: number;
  header_row?: number;
  data_row?: number;
  headers?: string[];
  mapping?: Record<string, string | null>;
  mapping_id?: Id | null;
  defaults?: Record<string, string>;
  crs?: CoordinateSystem;
  /** The first rows as they stand, row 1 first. */
  first_rows?: string[][];
}
export interface RowChoice {
  text: string;
  zh: string;
  en: string;
}
export interface RowFinding {
  column: string;
  header: string;
  zh: string;
  en: string;
  fix_zh: string;
  fix_en: string;
  said_zh: string;
  said_en: string;
  choices: RowChoice[];
  is_doubt: boolean;
}
export interface PreviewRow {
  n: number;
  kind: RowKind;
  state: "waiting" | "done" | "refused" | "kept";
  skip: boolean;
  note: string;
  is_restoring: boolean;
  /** A further line of a row: one more post of a person. */
  is_further: boolean;
  values: Record<string, string>;
  changes: { column: string; zh: string; en: string; was: string; will_be: string }[];
  findings: RowFinding[];
}
export interface RowCorrection {
  choose?: Record<string, string>;
  values?: Record<string, string>;
  skip?: boolean;
  /** Also in the other rows that say the same. */
  alike?: boolean;
}
export interface SettledColumns {
  sheet: number;
  header_row: number;
  columns: Record<string, string | null>;
  defaults: Record<string, string>;
  crs: CoordinateSystem;
}
export interface ExportRequest {
  format: SheetFormat;
  query: Omit<RowsQuery, "limit" | "after">;
  columns: string[] | null;
  with_personal: boolean;
  reason: string;
  recipient: string;
}
export interface ExportLine {
  id: Id;
  number: string;
  ledger: string;
  format: SheetFormat;
  rows_count: number;
  with_personal: boolean;
  reason: string;
  recipient: string;
  actor_name: string;
  at: Iso;
}

const of = (id: Id, rest = ""): string => `/imports/${encodeURIComponent(id)}${rest}`;

export const importsApi = {
  recent: () => http.get<{ items: ImportLine[] }>("/imports"),
  announce: (ledger: string, file_name: string, bytes: number, sha256: string) =>
    http.post<ImportStanding>("/imports", { ledger, file_name, bytes, sha256 }),
  piece: (id: Id, offset: number, piece: Blob) => http.put<ImportStanding>(of(id, "/content"), piece, { offset }),
  standing: (id: Id) => http.get<ImportStanding>(of(id)),
  guess: (id: Id, sheet: number, header_row: number) => http.get<Partial<ImportStanding>>(of(id, "/guess"), { sheet, header_row }),
  settle: (id: Id, columns: SettledColumns) => http.put<ImportStanding>(of(id, "/mapping"), columns),
  rows: (id: Id, kind: RowKind | null, after: number, state = "", limit = 50) =>
    http.get<{ items: PreviewRow[]; next: number | null }>(of(id, "/rows"), { kind, after, state, limit }),
  correct: (id: Id, n: number, change: RowCorrection) =>
    http.put<{ row: PreviewRow; concerned: number; counts: ImportCounts }>(of(id, `/rows/${n}`), change),
  carryOut: (id: Id) => http.post<ImportStanding>(of(id, "/carry-out")),
  cancel: (id: Id) => http.post<ImportStanding>(of(id, "/cancel")),
  saveMapping: (ledger: string, title: string, columns: Record<string, string | null>, crs: CoordinateSystem) =>
    http.post<{ id: Id }>("/import-mappings", { ledger, title, columns, crs }),
  templateAddress: (ledger: string) => address(`/ledgers/${encodeURIComponent(ledger)}/template`),
  export: (ledger: string, asked: ExportRequest) => http.file(`/ledgers/${encodeURIComponent(ledger)}/export`, asked),
  exports: () => http.get<{ items: ExportLine[] }>("/exports"),
};
