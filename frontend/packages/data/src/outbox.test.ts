import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FieldDatabase } from "./database";
import { KEEP_RECEIVED_MILLISECONDS, Outbox } from "./outbox";
import { ENTRIES_PER_REQUEST, Sender, sendRound, type SenderState } from "./sender";
import { problem, TestBox } from "./testBox";
import type { HouseholdStatus } from "./types";

let database: FieldDatabase;
let outbox: Outbox;
let box: TestBox;
let now = 0;
let serial = 0;

beforeEach(() => {
  now = Date.parse("2026-07-16T18:12:00Z");
  serial += 1;
  database = new FieldDatabase(`test-${serial}`);
  outbox = new Outbox(database, () => now);
  box = new TestBox();
});

afterEach(() => {
  database.close();
  vi.useRealTimers();
});

async function tick(household: string, status: HouseholdStatus, person = "1"): Promise<string> {
  const row = await outbox.write(person, {
    kind: "household_status",
    household_id: household,
    status,
    label: `示意户 ${household}`,
    previous_status: "not_yet",
  });
  return row.client_id;
}

const takenHouseholds = (): (string | undefined)[] => box.taken.map((entry) => entry.household_id);
const send = () => sendRound(outbox, box, "1");

describe("the outbox never loses a row", () => {
  it("keeps rows through a cut and sends them when the link is back", async () => {
    await tick("7", "moved_central");
    box.mishaps.push("cut");
    expect((await send()).end).toBe("cut");
    expect(await outbox.waiting("1", 10)).toHaveLength(1);
    expect((await send()).end).toBe("empty");
    expect(takenHouseholds()).toEqual(["7"]);
  });

  it("survives closing the page: a new database on the same name holds the rows", async () => {
    const clientId = await tick("7", "told");
    database.close();
    database = new FieldDatabase(`test-${serial}`);
    outbox = new Outbox(database, () => now);
    const rows = await outbox.waiting("1", 10);
    expect(rows.map((row) => row.client_id)).toEqual([clientId]);
  });

  it.each(["busy", "signed_out", "silent"] as const)("keeps rows when the box is %s", async (mishap) => {
    await tick("7", "told");
    box.mishaps.push(mishap);
    const round = await send();
    expect(round.end).toBe(mishap === "silent" ? "busy" : mishap);
    expect(await outbox.waiting("1", 10)).toHaveLength(1);
  });

  it("prunes received rows after a week, never waiting or unread refused ones", async () => {
    const gone = await tick("1", "told");
    const bad = await tick("2", "told");
    box.refuse = (entry) => (entry.household_id === "2" ? problem("outside_scope") : null);
    await send();
    const waiting = await tick("3", "told");
    now += KEEP_RECEIVED_MILLISECONDS + 1;
    await outbox.prune();
    const left = (await outbox.all("1")).map((row) => row.client_id);
    expect(left).toEqual(expect.arrayContaining([bad, waiting]));
    expect(left).not.toContain(gone);
  });
});

describe("the box counts nothing twice", () => {
  it("sends the same identity again after a lost answer", async () => {
    const clientId = await tick("7", "moved_relatives");
    box.mishaps.push("lost_answer");
    expect((await send()).end).toBe("cut");
    const again = await send();
    expect(again).toEqual({ end: "empty", received: 1, refused: 0 });
    expect(box.taken.map((entry) => entry.client_id)).toEqual([clientId]);
    expect(box.requests).toHaveLength(2);
  });

  it("does not send a received row again", async () => {
    await tick("7", "told");
    await send();
    await send();
    expect(box.requests).toHaveLength(1);
  });

  it("does not let a late duplicate answer change a settled row", async () => {
    const clientId = await tick("7", "told");
    await send();
    await outbox.refuse(clientId, problem("late"));
    expect((await outbox.all("1"))[0]?.state).toBe("received");
  });

  it("runs one round at a time, and one more when asked meanwhile", async () => {
    const states: SenderState[] = [];
    const sender = new Sender(
      outbox,
      box,
      "1",
      (state) => states.push(state),
      () => now,
    );
    await tick("7", "told");
    const first = sender.kick();
    await tick("8", "told");
    await Promise.all([first, sender.kick(), sender.kick()]);
    await vi.waitFor(() => expect(takenHouseholds()).toEqual(["7", "8"]));
    expect(sender.state.end).toBe("empty");
    sender.stop();
  });
});

describe("order", () => {
  it("sends in the order of writing, in requests of a bounded size", async () => {
    const households = Array.from({ length: ENTRIES_PER_REQUEST + 5 }, (_, index) => `${index}`);
    for (const household of households) await tick(household, "told");
    await send();
    expect(takenHouseholds()).toEqual(households);
    expect(box.requests.map((request) => request.length)).toEqual([ENTRIES_PER_REQUEST, 5]);
  });

  it("keeps a correction behind what it corrects", async () => {
    await tick("7", "away");
    await tick("7", "moved_central");
    box.mishaps.push("cut");
    await send();
    await send();
    expect(box.taken.map((entry) => entry.status)).toEqual(["away", "moved_central"]);
  });
});

describe("refusal", () => {
  it("names the refused row with the reason and lets the rest through", async () => {
    await tick("1", "told");
    const bad = await tick("2", "told");
    await tick("3", "told");
    box.refuse = (entry) => (entry.household_id === "2" ? problem("outside_scope") : null);
    expect(await send()).toEqual({ end: "empty", received: 2, refused: 1 });
    const refused = (await outbox.all("1")).filter((row) => row.state === "refused");
    expect(refused.map((row) => [row.client_id, row.problem?.code])).toEqual([[bad, "outside_scope"]]);
  });

  it("finds the one row that makes the whole request unreadable", async () => {
    for (const household of ["1", "2", "3", "4"]) await tick(household, "told");
    box.choke = (entry) => entry.household_id === "2";
    expect(await send()).toEqual({ end: "empty", received: 3, refused: 1 });
    expect(takenHouseholds()).toEqual(["1", "3", "4"]);
  });

  it("keeps an entry the box failed on, lets the others pass, and sends it again", async () => {
    await tick("1", "told");
    await tick("2", "told");
    box.refuse = (entry) => (entry.household_id === "1" ? { ...problem("broken"), status: 500 } : null);
    expect(await send()).toEqual({ end: "busy", received: 1, refused: 0 });
    box.refuse = () => null;
    expect(await send()).toEqual({ end: "empty", received: 1, refused: 0 });
    expect(takenHouseholds()).toEqual(["2", "1"]);
  });

  it("does not send a refused row again", async () => {
    await tick("2", "told");
    box.refuse = () => problem("outside_scope");
    await send();
    box.refuse = () => null;
    await send();
    expect(box.taken).toEqual([]);
  });
});

describe("two people, one phone", () => {
  it("leaves the rows of the other person for their own session", async () => {
    await tick("7", "told", "1");
    await tick("8", "told", "2");
    await send();
    expect(takenHouseholds()).toEqual(["7"]);
    expect(await outbox.waitingOfOthers("1")).toBe(1);
  });
});

describe("trying again", () => {
  it("waits a little longer after each cut and stops waiting when it works", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await tick("7", "told");
    box.mishaps.push("cut", "cut");
    const sender = new Sender(
      outbox,
      box,
      "1",
      () => undefined,
      () => now,
    );
    await sender.kick();
    expect(sender.state.next_try_at).toBe(now + 2_000);
    await sender.kick();
    expect(sender.state.next_try_at).toBe(now + 5_000);
    await sender.kick();
    expect(sender.state).toMatchObject({ end: "empty", next_try_at: null, last_emptied_at: now });
    sender.stop();
  });
});
