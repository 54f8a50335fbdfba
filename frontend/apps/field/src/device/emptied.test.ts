import { describe, expect, it } from "vitest";
import { shallowRef } from "vue";

import { learnReceived, type Emptied } from "./emptied";

const mark = { key_id: "k1", person_id: "7", name: "示意甲", number: 3, at: 0 };
type Reach = { received: number };
const box = () => {
  let answer: (reach: Reach) => void = () => undefined;
  let fail: () => void = () => undefined;
  const asked: string[] = [];
  const reach = (key: string) => {
    asked.push(key);
    return new Promise<Reach>((done, refuse) => {
      answer = done;
      fail = () => refuse(new Error("no network"));
    });
  };
  return { asked, transport: { reach } as unknown as Parameters<typeof learnReceived>[1], answer: (reach: Reach) => answer(reach), fail: () => fail() };
};

describe("what the box has of an emptied phone", () => {
  it("stands on the notice once it is known, and stays unknown without a network", async () => {
    const emptied = shallowRef<Emptied | null>({ mark, received: null });
    const one = box();
    const failing = learnReceived(emptied, one.transport, "7");
    one.fail();
    await failing;
    expect(emptied.value?.received).toBeNull();
    const asking = learnReceived(emptied, one.transport, "7");
    one.answer({ received: 2 });
    await asking;
    expect([emptied.value?.received, one.asked]).toEqual([2, ["k1", "k1"]]);
  });

  it("does not bring back a notice that was put away while the box was asked", async () => {
    const emptied = shallowRef<Emptied | null>({ mark, received: null });
    const one = box();
    const asking = learnReceived(emptied, one.transport, "7");
    emptied.value = null;
    one.answer({ received: 2 });
    await asking;
    expect(emptied.value).toBeNull();
  });

  it("is nobody else's business", async () => {
    const emptied = shallowRef<Emptied | null>({ mark, received: null });
    const one = box();
    await learnReceived(emptied, one.transport, "8");
    expect(one.asked).toEqual([]);
  });
});
