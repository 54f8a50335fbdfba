/** Registers 台账: one description, one list, one form for all of them. */
import { http } from "./client";
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
  may_edit: boolean;
  may_export: boolean;
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
}
export interface LedgerChange {
  field: string;
  shown: string;
  value?: LedgerValue;
  at: Iso;
  by: string;
  is_standing: boolean;
}
export interface LedgerRowDetail extends LedgerRow {
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
  is_own?: boolean;
  by?: string;
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
  by: string;
  at: Iso;
  rows?: number;
  created?: number;
  changed?: number;
  withdrawn?: number;
  undone_by?: Id | null;
  undoes?: Id | null;
  may_undo?: boolean;
}
export interface KeptField {
  ledger: string;
  id: Id;
  field: string;
  zh: string;
  en: string;
}

const of = (ledger: string, rest = ""): string => `/ledgers/${encodeURIComponent(ledger)}${rest}`;
const rowOf = (ledger: string, id: Id, rest = ""): string => of(ledger, `/rows/${encodeURIComponent(id)}${rest}`);

export const ledgersApi = {
  all: () => http.get<{ items: Ledger[] }>("/ledgers"),
  rows: (ledger: string, query: RowsQuery) =>
    http.get<LedgerPage>(of(ledger, "/rows"), {
      ...query,
      where: query.where && Object.keys(query.where).length ? JSON.stringify(query.where) : undefined,
    }),
  row: (ledger: string, id: Id) => http.get<LedgerRowDetail>(rowOf(ledger, id)),
  create: (ledger: string, values: Record<string, LedgerValue>) => http.post<LedgerRow>(of(ledger, "/rows"), { values }),
  change: (ledger: string, id: Id, changes: Record<string, LedgerValue>, expected: Record<string, LedgerValue>) =>
    http.patch<LedgerRowDetail>(rowOf(ledger, id), { changes, expected }),
  withdraw: (ledger: string, ids: Id[], reason: string) => http.post<unknown>(of(ledger, "/withdraw"), { ids, reason }),
  restore: (ledger: string, ids: Id[], reason: string) => http.post<unknown>(of(ledger, "/restore"), { ids, reason }),
  reveal: (ledger: string, id: Id, column: string, reason: string) => http.post<{ value: string }>(rowOf(ledger, id, "/reveal"), { column, reason }),
  views: (ledger: string) => http.get<{ items: LedgerView[] }>(of(ledger, "/views")),
  saveView: (ledger: string, view: Pick<LedgerView, "title" | "query" | "columns" | "is_shared">) => http.post<LedgerView>(of(ledger, "/views"), view),
  dropView: (ledger: string, id: Id) => http.remove<unknown>(of(ledger, `/views/${encodeURIComponent(id)}`)),
  changeSets: (after: string | null = null) => http.get<{ items: ChangeSet[]; next: string | null }>("/change-sets", { after }),
  changeSet: (id: Id) => http.get<ChangeSet & { rows: unknown[] }>(`/change-sets/${encodeURIComponent(id)}`),
  undo: (id: Id, reason: string) => http.post<{ undone: number; kept: KeptField[] }>(`/change-sets/${encodeURIComponent(id)}/undo`, { reason }),
};
