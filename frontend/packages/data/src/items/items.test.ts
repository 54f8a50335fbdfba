import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";

import vectors from "../../../../../spec/phone-items.json" with { type: "json" };
import { FieldDatabase } from "../database";
import type { FieldEntry } from "../types";
import { bodyOf, ITEM_CONTEXT, readBody } from "./body";
import { toBase64url, toHex } from "./bytes";
import { canonical, type Plain } from "./canonical";
import { makePhoneKey, sign, type PhoneKey } from "./phoneKey";

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

async function verifies(publicKey: string, text: string, signature: string): Promise<boolean> {
  const spki = fromBase64url(publicKey);
  const key = await crypto.subtle.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const message = new TextEncoder().encode(text);
  return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, fromBase64url(signature), message);
}

describe("the bytes of an item", () => {
  it.each(vectors.items)("are the box's own: $about", async ({ plain, body, signature }) => {
    expect(canonical(plain as unknown as Plain)).toBe(body);
    const read = readBody(body);
    if (read === null) throw new Error("unreadable");
    expect(bodyOf(read.identity, read.entry)).toBe(body);
    expect(await verifies(vectors.public_key, ITEM_CONTEXT + body, signature)).toBe(true);
  });

  it("hold no fraction, no negative number and nothing unsaid", () => {
    expect(() => canonical({ people: 1.5 })).toThrow(RangeError);
    expect(() => canonical({ people: -1 })).toThrow(RangeError);
    const entry = { client_id: "a", kind: "answer", call_id: undefined, at: "2026-07-16T18:12:00.000Z" };
    const body = bodyOf({ client_id: "a", key_id: "", person_id: "7", number: 1 }, entry as FieldEntry);
    expect(body).toBe('{"at":1784225520000,"device":"","entry":{"kind":"answer"},"id":"a","n":1,"person":"7","v":1}');
  });

  it.each(["", "{", "[]", '{"v":2}', '{"v":1,"id":7}'])("are not read from %j", (text) => {
    expect(readBody(text)).toBeNull();
  });
});

describe.each([
  ["the browser's key", undefined],
  ["the page's key on plain HTTP", null],
] as const)("%s", (_, keeper) => {
  const make = (): Promise<PhoneKey> => (keeper === null ? withoutSubtle() : makePhoneKey("7"));

  async function withoutSubtle(): Promise<PhoneKey> {
    const whole = globalThis.crypto;
    Object.defineProperty(globalThis, "crypto", {
      configurable: true,
      value: { getRandomValues: whole.getRandomValues.bind(whole) },
    });
    try {
      return await makePhoneKey("7");
    } finally {
      Object.defineProperty(globalThis, "crypto", { configurable: true, value: whole });
    }
  }

  it("signs what everybody can check", async () => {
    const key = await make();
    expect(key.key_store).toBe(keeper === null ? "script" : "webcrypto");
    const signature = await sign(key, "示意");
    expect(fromBase64url(signature)).toHaveLength(64);
    expect(await verifies(key.public_key, "示意", signature)).toBe(true);
    expect(await verifies(key.public_key, "示意!", signature)).toBe(false);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", fromBase64url(key.public_key)));
    expect(key.key_id).toBe(toHex(sum.slice(0, 16)));
    expect(toBase64url(fromBase64url(key.public_key))).toBe(key.public_key);
  });

  it("is still the same after the page was closed", async () => {
    const key = await make();
    const database = new FieldDatabase(`key-${key.key_store}`);
    await database.keys.put(key);
    const kept = await database.keys.get("7");
    if (kept === undefined) throw new Error("not kept");
    expect(await verifies(key.public_key, "x", await sign(kept, "x"))).toBe(true);
    if (kept.secret instanceof CryptoKey) expect(kept.secret.extractable).toBe(false);
    database.close();
  });
});
