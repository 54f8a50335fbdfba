/**
 * Requirement R25: whatever order, repetition, loss and restart the night brings, what was recorded is
 * held by the box once, nothing is made up, and the phones come to know it.
 */
import "fake-indexeddb/auto";
import { afterAll, describe, expect, it } from "vitest";

import { FieldDatabase } from "./database";
import { readBody } from "./items/body";
import { readFrame, toFrames } from "./codes/frames";
import { makePhoneKey } from "./items/phoneKey";
import { Outbox, wireOf } from "./outbox";
import { sendRound } from "./sender";
import { fakeChance } from "./testChance";
import { problem, TestBox } from "./testBox";
import type { FieldEntry, HouseholdStatus, SendReply, WireItem } from "./types";
import { NetworkCut, Refusal } from "./transport";

const { env } = (globalThis as unknown as { process: { env: Record<string, string | undefined> } }).process;
const SEEDS = Number(env["SEEDS"] ?? 1_000);
const FIRST = Number(env["SEED"] ?? 1);
const STATUSES: HouseholdStatus[] = ["told", "moved_central", "knocked_no_answer", "refuses"];

/** A box that takes items one by one, forgets to answer, answers late, stumbles, repeats. */
class StormyBox extends TestBox {
  calm = false;
  /** Requests that were cut on the way and arrive much later, perhaps twice. */
  readonly underway: WireItem[][] = [];

  constructor(private readonly chance: () => number) {
    super();
  }

  override async send(items: WireItem[]): Promise<SendReply> {
    if (this.calm) return await super.send(items);
    const dice = this.chance();
    if (dice < 0.2) {
      this.underway.push(items);
      throw new NetworkCut("/field/items");
    }
    if (dice < 0.3) throw new Refusal(503, problem("busy"));
    if (dice < 0.35) throw new Refusal(401, problem("signed_out"));
    if (dice < 0.6) {
      await super.send(items);
      throw new NetworkCut("the answer is lost");
    }
    const reply = await super.send(items);
    if (dice < 0.7) return { ...reply, results: reply.results.toReversed().concat(reply.results) };
    if (dice < 0.8) return { ...reply, results: reply.results.slice(1) };
    if (dice < 0.85) return { ...reply, results: [] };
    return reply;
  }

  async arrive(): Promise<void> {
    const late = this.underway.splice(Math.floor(this.chance() * this.underway.length), 1)[0];
    if (late === undefined) return;
    await super.send(late);
    if (this.chance() < 0.3) this.underway.push(late);
  }
}

/** What the box shows for each household: the observation made last, equal times by id. */
function shown(taken: readonly FieldEntry[]): Record<string, string> {
  const order = (one: FieldEntry): string => `${one.at} ${one.client_id}`;
  const sorted = [...taken].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return Object.fromEntries(sorted.map((one) => [one.household_id, one.status ?? ""]));
}

class Phone {
  outbox: Outbox;
  database: FieldDatabase;
  constructor(
    readonly name: string,
    readonly person: string,
  ) {
    this.database = new FieldDatabase(name);
    this.outbox = new Outbox(this.database);
  }
  restart(): void {
    this.database.close();
    this.database = new FieldDatabase(this.name);
    this.outbox = new Outbox(this.database);
  }
  async empty(): Promise<void> {
    await this.database.entries.clear();
    if ((await this.database.keys.count()) === 0) await this.database.keys.put(await makePhoneKey(this.person));
  }
}

const phones = [new Phone("replay-a", "1"), new Phone("replay-b", "2")] as const;
afterAll(() => phones.forEach((phone) => phone.database.close()));

async function show(from: Phone, to: Phone, chance: () => number): Promise<void> {
  const rows = (await from.outbox.all(from.person)).filter((row) => row.state === "waiting");
  const frames = toFrames(from.name, rows.map(wireOf));
  for (const text of [...frames, ...frames].filter(() => chance() < 0.8)) {
    const frame = readFrame(text);
    if (typeof frame === "string") throw new Error(frame);
    await to.outbox.carry(frame.who, frame.items, () => "代送");
  }
}

async function night(seed: number): Promise<void> {
  const chance = fakeChance(seed);
  const box = new StormyBox(chance);
  const made = new Map<string, FieldEntry>();
  let at = Date.parse("2026-07-16T18:12:00Z");
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
  for (const phone of phones) await phone.empty();
  for (let step = 0; step < 14; step += 1) {
    const phone = pick(phones);
    const dice = chance();
    if (dice < 0.4) {
      at += chance() < 0.2 ? 0 : Math.floor(chance() * 60_000);
      const household_id = String(Math.floor(chance() * 4));
      const draft = { kind: "household_status" as const, household_id, status: pick(STATUSES), label: household_id };
      const row = await phone.outbox.write(phone.person, draft, at);
      made.set(row.client_id, row.entry);
    } else if (dice < 0.75) await sendRound(phone.outbox, box, phone.person);
    else if (dice < 0.85) await show(phone, phone === phones[0] ? phones[1] : phones[0], chance);
    else if (dice < 0.95) await box.arrive();
    else phone.restart();
  }
  // The storm is over: whatever is still under way arrives, and every phone has its say.
  box.calm = true;
  while (box.underway.length > 0) await box.arrive();
  for (const phone of phones) expect((await sendRound(phone.outbox, box, phone.person)).end).toBe("empty");
  const ids = box.taken.map((one) => one.client_id);
  expect(new Set(ids).size, "counted twice").toBe(ids.length);
  expect([...ids].sort(), "lost or made up").toEqual([...made.keys()].sort());
  expect(shown(box.taken), "another picture than the phones'").toEqual(shown([...made.values()]));
  for (const phone of phones) {
    const rows = [...(await phone.outbox.all(phone.person)), ...(await phone.outbox.carried())];
    for (const row of rows) {
      expect(row.state).toBe("received");
      expect(readBody(wireOf(row).body)?.entry).toEqual(made.get(row.client_id));
    }
  }
}

describe("any night of cuts, lost answers, repetitions and restarts", () => {
  it(`ends with every item once, over ${SEEDS} seeds`, { timeout: 300_000 }, async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      try {
        await night(seed);
      } catch (cause) {
        throw new Error(`seed ${seed}: SEED=${seed} SEEDS=1 npx vitest run packages/data/src/replay.test.ts`, { cause });
      }
    }
  });
});
