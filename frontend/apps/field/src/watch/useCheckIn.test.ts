import type { MyCheckIn } from "@fengsui/api";
import { NetworkCut, Refusal } from "@fengsui/data";
import { beforeEach, expect, it } from "vitest";

import { startCheckIns } from "./useCheckIn";

const OWN = { mine: { id: "7" }, leaders: [], call_id: null, server_time: "2026-07-16T18:10:00Z" } as unknown as MyCheckIn;

function box() {
  const heard: { path: string; body: Record<string, unknown> }[] = [];
  const at = { isCut: false, refusal: null as Refusal | null };
  return {
    heard,
    at,
    transport: {
      read: async <T,>(path: string): Promise<T> => {
        if (at.isCut) throw new NetworkCut(path);
        return OWN as T;
      },
      state: async <T,>(path: string, body: unknown): Promise<T> => {
        if (at.isCut) throw new NetworkCut(path);
        if (at.refusal) throw at.refusal;
        heard.push({ path, body: body as Record<string, unknown> });
        return {} as T;
      },
    },
  };
}
beforeEach(() => {
  const store = new Map<string, string>();
  globalThis.localStorage = {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
  } as unknown as Storage;
});

it("keeps a word that cannot leave, with the time it was said, and sends it once", async () => {
  const { heard, at, transport } = box();
  const words = startCheckIns(transport, () => "1");
  await words.refresh();
  at.isCut = true;
  await words.sayHere({ lon_e7: 1, lat_e7: 2, accuracy_m: 9 }, "2026-07-16T18:20:00Z");
  expect(words.kept.value).toHaveLength(1);
  expect(words.isCut.value).toBe(true);
  const reopened = startCheckIns(transport, () => "1");
  expect(reopened.kept.value, "closed and opened, it is still there").toHaveLength(1);
  at.isCut = false;
  await reopened.refresh();
  await reopened.refresh();
  expect(heard.map((one) => one.path)).toEqual(["/watch/check-ins/7/words"]);
  expect(heard[0]?.body).toMatchObject({ at: "2026-07-16T18:20:00Z", lon_e7: 1, accuracy_m: 9 });
  expect(reopened.kept.value).toEqual([]);
  expect(reopened.saidAt.value).toBe("2026-07-16T18:20:00Z");
});

it("does not stop behind a word that the box refuses, and says why", async () => {
  const { heard, at, transport } = box();
  const words = startCheckIns(transport, () => "1");
  await words.refresh();
  at.refusal = new Refusal(409, { code: "watch.check_ins_ended", zh: "已结束", en: "over" });
  await words.sayHere(null, "2026-07-16T18:20:00Z");
  expect(words.kept.value).toEqual([]);
  expect(words.saidAt.value, "refused is not said").toBe("");
  at.refusal = null;
  await words.sayHere(null, "2026-07-16T18:30:00Z");
  expect(heard).toHaveLength(1);
});

it("waits where the session is over, and sends nothing in another person's name", async () => {
  const { heard, at, transport } = box();
  let person = "1";
  const words = startCheckIns(transport, () => person);
  await words.refresh();
  at.refusal = new Refusal(401, { code: "access.sign_in_first", zh: "请先登录", en: "Sign in first" });
  await words.sayHere(null, "2026-07-16T18:20:00Z");
  expect(words.kept.value).toHaveLength(1);
  at.refusal = null;
  person = "2";
  await words.refresh();
  expect(heard).toEqual([]);
  person = "1";
  await words.refresh();
  expect(heard).toHaveLength(1);
});
