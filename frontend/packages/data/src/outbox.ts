import { liveQuery } from "dexie";
import { newClientId } from "./clientId";
import type { FieldDatabase, OutboxRow } from "./database";
import type { SignedItem } from "./codes/frames";
import { bodyOf, ITEM_CONTEXT, readBody } from "./items/body";
import { sign, type PhoneKey } from "./items/phoneKey";
import type { EntryResult, FieldEntry, HouseholdStatus, Problem, WireItem } from "./types";

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

/** The box cannot judge these yet: a key it has not heard of, an author who is not signed in. */
const NOT_YET = new Set(["devices.unknown_device", "devices.not_yours"]);

/** The box failed on this entry (5xx, 429) or cannot judge it yet: so it is sent again. */
export function isFinal(result: EntryResult): boolean {
  const status = result.problem?.status ?? 0;
  if (NOT_YET.has(result.problem?.code ?? "")) return false;
  return result.outcome !== "refused" || (status < 500 && status !== 429);
}

/** The item as it goes out. Rows written before there were keys go out unsigned. */
export function wireOf(row: OutboxRow): WireItem {
  const { client_id, person_id } = row;
  const body = row.body || bodyOf({ client_id, key_id: "", person_id, number: 0 }, row.entry);
  return { client_id, body, signature: row.signature ?? "" };
}

/** Can be brought by anybody, in any session. */
function isSigned(row: OutboxRow): boolean {
  return row.signature !== null && row.signature !== "";
}

/** Has a key that has not signed it yet: the page was closed in between. */
function isUnsealed(row: OutboxRow): boolean {
  return row.state === "waiting" && row.key_id !== "" && row.signature === null;
}

export interface Taken {
  added: number;
  known: number;
  /** Left where they are: what nobody signed, only its author's own phone can deliver. */
  unsigned: number;
}

/** The durable list of what one phone has to hand over. Every method is one transaction. */
export class Outbox {
  constructor(
    private readonly database: FieldDatabase,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /**
   * Resolves only when the row is on disk. The caller must not say "recorded" before. The number and
   * the row are one transaction; the signature follows, and `seal` makes up for a page closed between.
   */
  async write(personId: string, draft: Draft, at: number = this.now()): Promise<OutboxRow> {
    const { label, previous_status, ...said } = draft;
    const client_id = newClientId();
    const entry: FieldEntry = { ...said, client_id, at: new Date(at).toISOString() };
    const { entries, keys } = this.database;
    let key: PhoneKey | undefined;
    const row = await this.database.transaction("rw", entries, keys, async () => {
      key = await keys.get(personId);
      const number = key?.next ?? 0;
      if (key !== undefined) await keys.update(personId, { next: number + 1 });
      const fresh: OutboxRow = {
        client_id,
        person_id: personId,
        state: "waiting",
        entry,
        label,
        previous_status: previous_status ?? null,
        settled_at: null,
        problem: null,
        noted: false,
        key_id: key?.key_id ?? "",
        body: bodyOf({ client_id, key_id: key?.key_id ?? "", person_id: personId, number }, entry),
        signature: null,
        carried: null,
        met: null,
      };
      return { ...fresh, seq: await entries.add(fresh) };
    });
    if (key !== undefined) row.signature = await this.sealRow(row, key).catch(() => null);
    return row;
  }

  private async sealRow(row: OutboxRow, key: PhoneKey): Promise<string> {
    const signature = await sign(key, ITEM_CONTEXT + row.body);
    await this.database.entries.where({ client_id: row.client_id }).modify({ signature });
    return signature;
  }

  /** Signs what was written and not signed. A row whose key is gone goes out unsigned. */
  async seal(): Promise<void> {
    const unsealed = await this.database.entries.where("state").equals("waiting").filter(isUnsealed).toArray();
    for (const row of unsealed) {
      const key = await this.database.keys.get(row.person_id);
      if (key?.key_id === row.key_id) await this.sealRow(row, key).catch(() => undefined);
      else await this.database.entries.where({ client_id: row.client_id }).modify({ key_id: "", body: "" });
    }
  }

  /** Items read from another phone's screen; they wait here as if they had been written here. */
  async carry(who: string, items: readonly SignedItem[], label: (entry: FieldEntry) => string): Promise<Taken> {
    const taken: Taken = { added: 0, known: 0, unsigned: 0 };
    await this.database.transaction("rw", this.database.entries, async () => {
      for (const { body, signature } of items) {
        const read = readBody(body);
        if (read === null) continue;
        if (signature === "") {
          taken.unsigned += 1;
          continue;
        }
        const { client_id, person_id, key_id } = read.identity;
        if ((await this.database.entries.where({ client_id }).count()) > 0) {
          taken.known += 1;
          continue;
        }
        await this.database.entries.add({
          client_id,
          person_id,
          state: "waiting",
          entry: read.entry,
          label: label(read.entry),
          previous_status: null,
          settled_at: null,
          problem: null,
          noted: false,
          key_id,
          body,
          signature,
          carried: { who, at: this.now() },
          met: null,
        });
        taken.added += 1;
      }
    });
    return taken;
  }

  /** Everything this phone carries for others, oldest first. */
  async carried(): Promise<OutboxRow[]> {
    return await this.database.entries.filter((row) => row.carried !== null).sortBy("seq");
  }

  /**
   * The oldest rows that can be delivered in this person's session, in the order they were written:
   * the person's own, and what anybody has signed.
   */
  async waiting(personId: string, limit: number, except: ReadonlySet<string> = new Set()): Promise<OutboxRow[]> {
    const rows = await this.database.entries.where("state").equals("waiting").sortBy("seq");
    return rows
      .filter((row) => (row.person_id === personId && !isUnsealed(row)) || isSigned(row))
      .filter((row) => !except.has(row.client_id))
      .slice(0, limit);
  }

  /** All rows of this person, oldest first. */
  async all(personId: string): Promise<OutboxRow[]> {
    return await this.database.entries
      .where("[person_id+state]")
      .between([personId, ""], [personId, "\uffff"])
      .sortBy("seq");
  }

  /** Unsigned rows of other people who used this phone. They stay until those people sign in. */
  async waitingOfOthers(personId: string): Promise<number> {
    const rows = this.database.entries.where("state").equals("waiting");
    return await rows.filter((row) => row.person_id !== personId && !isSigned(row)).count();
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
          met: result.met ?? null,
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

/** Calls back with all carried rows now and after every change, also from another tab. */
export function watchCarried(outbox: Outbox, show: (rows: OutboxRow[]) => void): () => void {
  const watching = liveQuery(() => outbox.carried()).subscribe({ next: show });
  return () => watching.unsubscribe();
}

/** Calls back with all rows of one person now and after every change, also from another tab. */
export function watchOutbox(outbox: Outbox, personId: string, show: (rows: OutboxRow[]) => void): () => void {
  const watching = liveQuery(() => outbox.all(personId)).subscribe({ next: show });
  return () => watching.unsubscribe();
}
