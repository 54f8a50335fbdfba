import { expect, it } from "vitest";

import { Statements } from "./statements";
import { TestBox } from "./testBox";

class Store {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
}

const NIGHT = Date.parse("2026-07-16T18:10:00Z");
const SAID = { place_code: "433126100201", sign: "sound" };

function setUp() {
  const box = new TestBox();
  const store = new Store();
  return { box, store, statements: new Statements(store, box) };
}

it("keeps what the box did not hear, over a restart, with its own time", async () => {
  const { box, store, statements } = setUp();
  statements.write("1", "moved_first", SAID, NIGHT);
  box.mishaps.push("cut");
  expect(await statements.sendRound("1", () => NIGHT)).toBe("cut");
  const again = new Statements(store, box);
  expect(again.all("1").map((one) => one.state)).toEqual(["waiting"]);
  expect(await again.sendRound("1", () => NIGHT + 60_000)).toBe("done");
  expect(again.all("1").map((one) => one.state)).toEqual(["received"]);
  expect(box.stated[0]?.body["at"]).toBe("2026-07-16T18:10:00.000Z");
});

it("says the same id again after a lost answer, so that it counts once", async () => {
  const { box, statements } = setUp();
  statements.write("1", "headcount", { should: 32 }, NIGHT);
  box.mishaps.push("lost_answer");
  await statements.sendRound("1", () => NIGHT);
  await statements.sendRound("1", () => NIGHT);
  expect(box.stated).toHaveLength(1);
  expect(statements.all("1")[0]?.answer?.outcome).toBe("already_recorded");
});

it("waits for a busy box and for a session, and keeps a refusal with its words", async () => {
  const { box, statements } = setUp();
  statements.write("1", "sos", { people: 6 }, NIGHT);
  box.mishaps.push("busy", "signed_out", "silent");
  expect(await statements.sendRound("1", () => NIGHT)).toBe("cut");
  expect(await statements.sendRound("1", () => NIGHT)).toBe("signed_out");
  expect(statements.all("1")[0]?.state).toBe("waiting");
  expect(await statements.sendRound("1", () => NIGHT)).toBe("done");
  expect(statements.all("1")[0]).toMatchObject({ state: "refused", problem: { code: "unreadable" } });
});

it("sends nothing of another person, and drops only what was handed over long ago", async () => {
  const { box, statements } = setUp();
  statements.write("1", "headcount", {}, NIGHT);
  statements.write("2", "headcount", {}, NIGHT);
  await statements.sendRound("1", () => NIGHT);
  expect(box.stated).toHaveLength(1);
  statements.write("2", "headcount", {}, NIGHT + 40 * 3600 * 1000);
  expect(statements.all("1")).toEqual([]);
  expect(statements.all("2")).toHaveLength(2);
});
