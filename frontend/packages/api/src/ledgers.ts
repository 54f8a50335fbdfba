/** Registers 台账: one description, one list, one form for all of them. */
import { http } from "./client";
import { at } from "./paths";
import type { Id, Iso } from "./types";

export type ColumnKind = "text" | "whole" | "choice" | "place" | "reference" | "phone" | "point" | "outline" | "moment" | "flag";
export type FilterKind = "none" | "equals" | "contains" | "range" | "under";

export interface LedgerColumn {
  name: string;
  zh: string;
  en: string;
  kind: ColumnKind;
  required: boolean;
  is_key: boolean;
  is_private: boolean;
  is_personal: boolean;
  editable: boolean;
  sortable: boolean;
  filter: FilterKind;
  choices: { value: string; zh: string; en: string }[];
  unit: string;
  length_max: number;
  least: number | null;
  most: number | null;
  /** The ledger that a reference points into. */
  reference: string;
  hint_zh: string;
  hint_en: string;
  example: string;
  is_shown: boolean;
}
export interface Ledger {
  name: string;
  zh: string;
  en: string;
  /** The column a row is called by. */
  title: string;
  /** The column that says where a row belongs. */
  place: string;
  may_edit: boolean;
  may_export: boolean;
  may_reveal: boolean;
  can_restore: boolean;
  columns: LedgerColumn[];
  rows_max: number;
}

/** A point is [longitude, latitude] in 1e-7 degree; an outline is GeoJSON; a moment is seconds since 1970. */
export type LedgerValue = string | number | boolean | null | [number, number] | { type: string; coordinates: unknown };
export interface LedgerRow {
  id: Id;
  values: Record<string, LedgerValue>;
  /** How references, places and choices read. */
  shown: Record<string, string>;
  is_withdrawn: boolean;
  is_invented: boolean;
  changed_at: Iso | null;
}
export interface LedgerPage {
  items: LedgerRow[];
  next: string | null;
  total: number;
  total_is_least: boolean;
  /** How words are looked for: in large registers only from their beginning. */
  text_match: "contains" | "begins" | "";
}
export interface LedgerChange {
  /** "" where the register has no such column (any more). */
  column: string;
  field: string;
  zh: string;
  en: string;
  shown: string;
  /** What stood there before the oldest change of a field; null where an older entry says it. */
  before: string | null;
  at: Iso;
  by: string;
  is_standing: boolean;
  note: string;
  change_set_id: Id | null;
}
export interface LedgerRowDetail extends LedgerRow {
  may_edit: boolean;
  may_reveal: boolean;
  history: LedgerChange[];
}
export type RowState = "current" | "withdrawn" | "all";
export type Where = Record<string, LedgerValue | [LedgerValue, LedgerValue]>;
export interface RowsQuery {
  limit?: number;
  after?: string | null;
  order?: string;
  under?: string;
  q?: string;
  state?: RowState;
  where?: Where;
}
/** What stands in a saved view: everything of a query but where one has scrolled to. */
export interface LedgerView {
  id: Id;
  title: string;
  query: Omit<RowsQuery, "limit" | "after">;
  columns: string[];
  is_shared: boolean;
  is_own: boolean;
}
export interface RowFault {
  column: string;
  zh: string;
  en: string;
  fix_zh: string;
  fix_en: string;
}
export interface ChangeSet {
  id: Id;
  kind: "import" | "merge" | "edit" | "undo";
  title: string;
  ledger: string;
  source: string;
  reason: string;
  undoes: Id | null;
  by: string;
  at: Iso;
  closed_at: Iso | null;
  created: number | null;
  changed: number | null;
  withdrawn: number | null;
  restored: number | null;
  kept: number | null;
  undone_by: Id | null;
  may_undo: boolean;
}
export interface KeptField {
  ledger: string;
  id: Id;
  field: string;
  zh: string;
  en: string;
}

export interface Undone {
  change_set_id: Id;
  undone: number;
  kept: KeptField[];
  kept_count: number;
}
export interface RowsDone {
  count: number;
  change_set_id: Id | null;
}

export const ledgersApi = {
  all: () => http.get<{ items: Ledger[] }>(at("/api/v1/ledgers")),
  rows: (ledger: string, query: RowsQuery) =>
    http.get<LedgerPage>(at("/api/v1/ledgers/{name}/rows", ledger), {
      ...query,
      where: query.where && Object.keys(query.where).length ? JSON.stringify(query.where) : undefined,
    }),
  row: (ledger: string, id: Id) => http.get<LedgerRowDetail>(at("/api/v1/ledgers/{name}/rows/{row_id}", ledger, id)),
  create: (ledger: string, values: Record<string, LedgerValue>) => http.post<LedgerRowDetail>(at("/api/v1/ledgers/{name}/rows", ledger), { values }),
  change: (ledger: string, id: Id, changes: Record<string, LedgerValue>, expected: Record<string, LedgerValue>) =>
    http.patch<LedgerRowDetail>(at("/api/v1/ledgers/{name}/rows/{row_id}", ledger, id), { changes, expected }),
  withdraw: (ledger: string, ids: Id[], reason: string) => http.post<RowsDone>(at("/api/v1/ledgers/{name}/withdraw", ledger), { ids, reason }),
  restore: (ledger: string, ids: Id[], reason: string) => http.post<RowsDone>(at("/api/v1/ledgers/{name}/restore", ledger), { ids, reason }),
  reveal: (ledger: string, id: Id, column: string, reason: string) =>
    http.post<{ value: LedgerValue }>(at("/api/v1/ledgers/{name}/rows/{row_id}/reveal", ledger, id), { column, reason }),
  views: (ledger: string) => http.get<{ items: LedgerView[] }>(at("/api/v1/ledgers/{name}/views", ledger)),
  saveView: (ledger: string, view: Pick<LedgerView, "title" | "query" | "columns" | "is_shared">) =>
    http.post<{ id: Id }>(at("/api/v1/ledgers/{name}/views", ledger), view),
  dropView: (ledger: string, id: Id) => http.remove<unknown>(at("/api/v1/ledgers/{name}/views/{view_id}", ledger, id)),
  changeSets: (after: string | null = null) => http.get<{ items: ChangeSet[]; next: string | null }>(at("/api/v1/change-sets"), { after }),
  changeSet: (id: Id) => http.get<ChangeSet>(at("/api/v1/change-sets/{change_set_id}", id)),
  undo: (id: Id, reason: string) => http.post<Undone>(at("/api/v1/change-sets/{change_set_id}/undo", id), { reason }),
};
