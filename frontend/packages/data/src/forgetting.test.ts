import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FieldDatabase } from "./database";
import { forgetErased, learnErased, type ErasedHere } from "./forgetting";
import { Outbox } from "./outbox";
import type { Tonight } from "./types";

const NAME = "标记甲乙丙";
let database: FieldDatabase;
let outbox: Outbox;
let serial = 0;

beforeEach(() => {
  serial += 1;
  database = new FieldDatabase(`forgetting-${serial}`);
  outbox = new Outbox(database);
});
afterEach(() => database.close());

async function recorded(household_id: string, state: "waiting" | "received"): Promise<void> {
  const row = await outbox.write("1", { kind: "household_status", household_id, evacuation_id: "9", status: "away", confirmed_by: NAME, label: NAME });
  if (state === "received") await database.entries.update(row.seq as number, { state, settled_at: 1 });
}
function list(evacuation_id: string): Tonight {
  const household = (id: string) => ({ id, label: NAME, people: 3, assist_level: 0, status: "away" as const, confirmed_by: NAME });
  return {
    evacuation_id,
    alert: null,
    call: null,
    totals: {} as Tonight["totals"],
    groups: [{ head_person_id: "5", head_name: NAME, households: [household("7"), household("8")] }],
    server_time: "2026-07-16T18:10:00Z",
  };
}
const keep = (person_id: string, tonight: Tonight) => database.snapshots.put({ person_id, tonight, asked_at: 1, got_at: 1 });
const erased = (subject: string, ...ids: string[]): ErasedHere[] => [{ id: "1", subject, ids, at: "2026-08-20T00:00:00.000Z" }];
const all = async (): Promise<string> => JSON.stringify([await database.entries.toArray(), await database.snapshots.toArray()]);

describe("what was erased at the box leaves the phone", () => {
  it("drops settled rows of a household and its name in the list, and nothing of another", async () => {
    await recorded("7", "received");
    await recorded("8", "received");
    await keep("1", list("9"));
    expect(await forgetErased(database, erased("household", "7"))).toEqual({ rows: 1, waiting: 0 });
    expect((await database.entries.toArray()).map((row) => row.entry.household_id)).toEqual(["8"]);
    const [snapshot] = await database.snapshots.toArray();
    expect(snapshot?.tonight.groups[0]?.households.map((one) => one.label)).toEqual(["", NAME]);
  });

  it("drops the whole list of an event, of everybody who uses this phone", async () => {
    await recorded("7", "received");
    await keep("1", list("9"));
    await keep("2", list("9"));
    await forgetErased(database, erased("event", "4", "9"));
    expect(await all()).not.toContain(NAME);
  });

  it("keeps what was not delivered until it is, and asks again", async () => {
    await recorded("7", "waiting");
    const asked: string[] = [];
    const transport = {
      read: async <T>(path: string): Promise<T> => {
        asked.push(path);
        return { items: erased("household", "7") } as T;
      },
    };
    expect(await learnErased(database, transport, "")).toBe("");
    expect(await database.entries.count()).toBe(1);
    await database.entries.toCollection().modify({ state: "received", settled_at: 2 });
    expect(await learnErased(database, transport, "")).toBe("2026-08-20T00:00:00.000Z");
    expect(await database.entries.count()).toBe(0);
    expect(asked).toEqual(["/field/erasures", "/field/erasures"]);
  });

  it("forgets nothing where nothing was erased", async () => {
    await recorded("7", "received");
    expect(await forgetErased(database, [])).toEqual({ rows: 0, waiting: 0 });
    expect(await database.entries.count()).toBe(1);
  });
});
