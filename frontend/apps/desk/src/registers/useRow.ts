/** One row beside its list: read, written, withdrawn, put back. What is being written is kept until it is saved or dropped. */
import { asProblem, ledgersApi, type ApiProblem, type Ledger, type LedgerRowDetail, type LedgerValue, type RowFault, type Undone } from "@fengsui/api";
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { changesOf, clashesOf, faultsOf, filled, formColumns, settle, type Clash, type Draft } from "./drafts";

export interface RowDesk {
  row: ShallowRef<LedgerRowDetail | null>;
  problem: ShallowRef<ApiProblem | null>;
  refused: ShallowRef<ApiProblem | null>;
  draft: Ref<Draft>;
  faults: ShallowRef<RowFault[]>;
  clashes: ShallowRef<Clash[]>;
  isWriting: Ref<boolean>;
  isNew: Ref<boolean>;
  isBusy: Ref<boolean>;
  unsaved: ComputedRef<number>;
  open: (ledger: Ledger, id: string) => Promise<void>;
  openNew: (ledger: Ledger) => void;
  write: () => void;
  drop: () => void;
  /** The number of columns that were written; 0 where it was refused or nothing had changed. */
  save: () => Promise<number>;
  choose: (mine: ReadonlySet<string>) => void;
  /** Takes back what one step changed; null says that it was refused. */
  undo: (changeSetId: string, reason: string) => Promise<Undone | null>;
  adopt: (column: string, value: LedgerValue) => void;
}

export function useRow(api = ledgersApi): RowDesk {
  const row = shallowRef<LedgerRowDetail | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const refused = shallowRef<ApiProblem | null>(null);
  const ledger = shallowRef<Ledger | null>(null);
  const draft = ref<Draft>({});
  const seen = shallowRef<Draft>({});
  const faults = shallowRef<RowFault[]>([]);
  const clashes = shallowRef<Clash[]>([]);
  const isWriting = ref(false);
  const isNew = ref(false);
  const isBusy = ref(false);
  let turn = 0;

  const columns = computed(() => (ledger.value ? formColumns(ledger.value, isNew.value) : []));
  const unsaved = computed(() => (isWriting.value ? Object.keys(changesOf(columns.value, seen.value, draft.value).changes).length : 0));

  function settled(): void {
    faults.value = [];
    clashes.value = [];
    refused.value = null;
  }
  function drop(): void {
    isWriting.value = false;
    draft.value = { ...(row.value?.values ?? {}) };
    seen.value = { ...(row.value?.values ?? {}) };
    settled();
  }
  function take(next: LedgerRowDetail): void {
    row.value = next;
    isNew.value = false;
    drop();
  }
  function refuse(error: unknown): void {
    const said = asProblem(error);
    faults.value = faultsOf(said);
    clashes.value = clashesOf(said);
    refused.value = said;
  }
  async function attempt<T>(action: () => Promise<T>): Promise<T | null> {
    isBusy.value = true;
    settled();
    try {
      return await action();
    } catch (error) {
      refuse(error);
      return null;
    } finally {
      isBusy.value = false;
    }
  }
  return {
    row,
    problem,
    refused,
    draft,
    faults,
    clashes,
    isWriting,
    isNew,
    isBusy,
    unsaved,
    async open(of, id) {
      const mine = ++turn;
      ledger.value = of;
      problem.value = null;
      if (row.value?.id !== id) row.value = null;
      isNew.value = false;
      drop();
      try {
        const found = await api.row(of.name, id);
        if (mine === turn) take(found);
      } catch (error) {
        if (mine === turn) problem.value = asProblem(error);
      }
    },
    openNew(of) {
      turn += 1;
      ledger.value = of;
      row.value = null;
      problem.value = null;
      drop();
      isNew.value = true;
      isWriting.value = true;
    },
    write() {
      drop();
      isWriting.value = true;
    },
    drop,
    async save() {
      const of = ledger.value;
      if (!of) return 0;
      const { changes, expected } = changesOf(columns.value, seen.value, draft.value);
      const count = Object.keys(changes).length;
      if (!count && !isNew.value) return 0;
      const id = row.value?.id;
      const saved = await attempt(async () => {
        if (id !== undefined && !isNew.value) return api.change(of.name, id, changes, expected);
        return api.create(of.name, filled(draft.value));
      });
      if (!saved) return 0;
      take(saved);
      return Math.max(count, 1);
    },
    choose(mine) {
      const next = settle(seen.value, draft.value, clashes.value, mine);
      seen.value = next.seen;
      draft.value = next.draft;
      settled();
    },
    async undo(changeSetId, reason) {
      const of = ledger.value;
      const now = row.value;
      if (!of || !now) return null;
      const done = await attempt(() => api.undo(changeSetId, reason));
      if (done) take(await api.row(of.name, now.id));
      return done;
    },
    /** A number that was shown stands in the form as if it had been read so. */
    adopt(column, value) {
      if (row.value) row.value = { ...row.value, values: { ...row.value.values, [column]: value } };
      if (isWriting.value && draft.value[column] === seen.value[column]) draft.value[column] = value;
      if (isWriting.value) seen.value = { ...seen.value, [column]: value };
    },
  };
}
