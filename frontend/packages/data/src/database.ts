import Dexie, { type EntityTable } from "dexie";
import type { PhoneKey } from "./items/phoneKey";
import type { Mark } from "./storage/mark";
import type { FieldEntry, FieldSession, HouseholdStatus, Met, Problem, Tonight } from "./types";

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
  /** The bytes that are signed and sent, made once. "" in rows older than signing. */
  body: string;
  /** Null until it is signed (or where this phone has no key). */
  signature: string | null;
  /** The key that signs it; "" where the phone has none. */
  key_id: string;
  /** Read from another phone's screen: whose it was said to be, and when. */
  carried: { who: string; at: number } | null;
  /** Another person had seen something else; see `Met`. */
  met: Met | null;
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

/** That this store was once emptied by the browser, until the person has read it. */
export interface EmptiedNote {
  key: "emptied";
  mark: Mark;
}

export class FieldDatabase extends Dexie {
  entries!: EntityTable<OutboxRow, "seq">;
  snapshots!: EntityTable<Snapshot, "person_id">;
  holders!: EntityTable<Holder, "key">;
  keys!: EntityTable<PhoneKey, "person_id">;
  notes!: EntityTable<EmptiedNote, "key">;

  constructor(name = "fengsui-field") {
    // Strict: the write is on the flash before the screen says "recorded" (2-4 ms measured).
    super(name, { chromeTransactionDurability: "strict" });
    this.version(1).stores({
      entries: "++seq, &client_id, [person_id+state]",
      snapshots: "person_id",
      holders: "key",
    });
    this.version(2)
      .stores({ keys: "person_id, key_id", notes: "key", entries: "++seq, &client_id, [person_id+state], state" })
      .upgrade((change) =>
        change
          .table<OutboxRow>("entries")
          .toCollection()
          .modify({ body: "", signature: null, key_id: "", carried: null, met: null }),
      );
  }
}
