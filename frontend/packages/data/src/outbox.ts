import { liveQuery } from "dexie";
import { newClientId } from "./clientId";
import type { FieldDatabase, OutboxRow } from "./database";
import type { EntryResult, FieldEntry, HouseholdStatus, Problem } from "./types";

/** Received rows are kept this long, to be compared with what others record later. */
export const KEEP_RECEIVED_MILLISECONDS = 7 * 24 * 3600 * 1000;

/** What a tap says, before it gets its identity. */
export type Draft = Omit<FieldEntry, "client_id" | "at"> & {
  label: string;
  previous_status?: HouseholdStatus | null;
};

export interface Settled {
  received: number;
  refused: number;
}

/** The box failed on this entry (5xx, 429): that is no judgement of it, so it is sent again. */
export function isFinal(result: EntryResult): boolean {
  const status = result.problem?.status ?? 0;
  return result.outcome !== "refused" || (status < 500 && status !== 429);
}

/** The durable list of what one phone has to hand over. Every method is one transaction. */
export class Outbox {
  constructor(
    private readonly database: FieldDatabase,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** Resolves only when the row is on disk. The caller must not say "recorded" before. */
  async write(personId: string, draft: Draft, at: number = this.now()): Promise<OutboxRow> {
    const { label, previous_status, ...said } = draft;
    const clientId = newClientId();
    const row: OutboxRow = {
      client_id: clientId,
      person_id: personId,
      state: "waiting",
      entry: { ...said, client_id: clientId, at: new Date(at).toISOString() },
      label,
      previous_status: previous_status ?? null,
      settled_at: null,
      problem: null,
      noted: false,
    };
    const seq = await this.database.entries.add(row);
    return { ...row, seq };
  }

  /** The oldest waiting rows of this person, in the order they were written. */
  async waiting(personId: string, limit: number, except: ReadonlySet<string> = new Set()): Promise<OutboxRow[]> {
    const rows = await this.database.entries.where("[person_id+state]").equals([personId, "waiting"]).sortBy("seq");
    return rows.filter((row) => !except.has(row.client_id)).slice(0, limit);
  }

  /** All rows of this person, oldest first. */
  async all(personId: string): Promise<OutboxRow[]> {
    return await this.database.entries
      .where("[person_id+state]")
      .between([personId, ""], [personId, "\uffff"])
      .sortBy("seq");
  }

  /** Waiting rows of other people who used this phone. They stay until those people sign in. */
  async waitingOfOthers(personId: string): Promise<number> {
    return await this.database.entries.filter((row) => row.state === "waiting" && row.person_id !== personId).count();
  }

  /** Takes the server's word for each row. A row without a final word stays as it is. */
  async settle(results: readonly EntryResult[]): Promise<Settled> {
    const counts = { received: 0, refused: 0 };
    await this.database.transaction("rw", this.database.entries, async () => {
      for (const result of results) {
        if (!isFinal(result)) continue;
        const row = await this.database.entries.where({ client_id: result.client_id }).first();
        // A late duplicate answer never reopens a row that already has its end.
        if (row?.seq === undefined || row.state !== "waiting") continue;
        const refused = result.outcome === "refused";
        await this.database.entries.update(row.seq, {
          state: refused ? "refused" : "received",
          settled_at: this.now(),
          problem: result.problem ?? null,
        });
        counts[refused ? "refused" : "received"] += 1;
      }
    });
    return counts;
  }

  /** The whole request was refused because of this one row. */
  async refuse(clientId: string, problem: Problem): Promise<void> {
    await this.settle([{ client_id: clientId, outcome: "refused", problem }]);
  }

  /** The person has read it. */
  async note(clientId: string): Promise<void> {
    await this.database.entries.where({ client_id: clientId }).modify({ noted: true });
  }

  /** Drops old received rows. A waiting or unread refused row is never dropped. */
  async prune(): Promise<void> {
    const before = this.now() - KEEP_RECEIVED_MILLISECONDS;
    await this.database.entries
      .filter(
        (row) =>
          row.settled_at !== null &&
          row.settled_at < before &&
          (row.state === "received" || (row.state === "refused" && row.noted)),
      )
      .delete();
  }
}

/** Calls back with all rows of one person now and after every change, also from another tab. */
export function watchOutbox(outbox: Outbox, personId: string, show: (rows: OutboxRow[]) => void): () => void {
  const watching = liveQuery(() => outbox.all(personId)).subscribe({ next: show });
  return () => watching.unsubscribe();
}
