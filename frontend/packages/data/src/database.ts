import Dexie, { type EntityTable } from "dexie";
import type { FieldEntry, FieldSession, HouseholdStatus, Problem, Tonight } from "./types";

export type OutboxState = "waiting" | "received" | "refused";

/** One thing the person did. It is never changed in what it says, only in how far it got. */
export interface OutboxRow {
  /** Order of writing on this phone; also the order of sending. */
  seq?: number;
  client_id: string;
  person_id: string;
  state: OutboxState;
  entry: FieldEntry;
  /** What the row is about, in the words of the screen, for lists while the roster is away. */
  label: string;
  /** What the household stood at when the person tapped; undo goes back to it. */
  previous_status: HouseholdStatus | null;
  /** Local clock in ms when the server's answer arrived. */
  settled_at: number | null;
  problem: Problem | null;
  /** The person has read the refusal, or the later change by somebody else. */
  noted: boolean;
}

/** The last picture of tonight this phone got for one person. */
export interface Snapshot {
  person_id: string;
  tonight: Tonight;
  /** Local clock in ms when the request left: rows settled later may not be in the picture. */
  asked_at: number;
  got_at: number;
}

/** Who this phone belongs to, so that it knows when the network is away. */
export interface Holder {
  key: "holder";
  session: FieldSession;
}

export class FieldDatabase extends Dexie {
  entries!: EntityTable<OutboxRow, "seq">;
  snapshots!: EntityTable<Snapshot, "person_id">;
  holders!: EntityTable<Holder, "key">;

  constructor(name = "fengsui-field") {
    // Strict: the write is on the flash before the screen says "recorded" (2-4 ms measured).
    super(name, { chromeTransactionDurability: "strict" });
    this.version(1).stores({
      entries: "++seq, &client_id, [person_id+state]",
      snapshots: "person_id",
      holders: "key",
    });
  }
}
