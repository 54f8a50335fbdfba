import { describe, expect, it } from "vitest";

import { askToKeep } from "./keep";
import { clearMark, readMark, writeMark, type Mark, type MarkPlaces } from "./mark";

const MARK: Mark = { key_id: "ab", person_id: "7", name: "示意丙; =", number: 12, at: 1 };

function places(): MarkPlaces & { kept: Map<string, string>; jar: Map<string, string> } {
  const kept = new Map<string, string>();
  const jar = new Map<string, string>();
  return {
    kept,
    jar,
    local: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    cookies: {
      get cookie() {
        return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      },
      set cookie(line: string) {
        const [pair = ""] = line.split("; ");
        const at = pair.indexOf("=");
        if (line.includes("max-age=0")) jar.delete(pair.slice(0, at));
        else jar.set(pair.slice(0, at), pair.slice(at + 1));
      },
    },
  };
}

describe("the mark of a store that was there", () => {
  it.each(["kept", "jar"] as const)("survives when only %s is left", (left) => {
    const both = places();
    writeMark(both, MARK);
    both[left === "kept" ? "jar" : "kept"].clear();
    expect(readMark(both)).toEqual(MARK);
  });

  it("is the newer of two, none when both are gone or spoilt", () => {
    const both = places();
    writeMark({ local: both.local, cookies: null }, MARK);
    writeMark({ local: null, cookies: both.cookies }, { ...MARK, number: 13, at: 2 });
    expect(readMark(both)?.number).toBe(13);
    clearMark(both);
    expect(readMark(both)).toBeNull();
    both.kept.set("fengsui_field_mark", "%7B");
    expect(readMark(both)).toBeNull();
  });

  it("does without a store that refuses", () => {
    const refusing = places();
    const no = (): never => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const local = { getItem: no, setItem: no, removeItem: no };
    writeMark({ local, cookies: refusing.cookies }, MARK);
    expect(readMark({ local, cookies: refusing.cookies })).toEqual(MARK);
    clearMark({ local, cookies: null });
  });
});

describe("asking the browser to keep the store", () => {
  const storage = (promised: boolean): StorageManager =>
    ({
      persisted: async () => false,
      persist: async () => promised,
      estimate: async () => ({ usage: 10, quota: 110 }),
    }) as unknown as StorageManager;

  it("says what the browser answered", async () => {
    expect(await askToKeep(storage(true))).toEqual({ keeping: "kept", used_bytes: 10, room_bytes: 100 });
    expect((await askToKeep(storage(false))).keeping).toBe("may_be_dropped");
    expect((await askToKeep(undefined)).keeping).toBe("unknown");
  });
});
