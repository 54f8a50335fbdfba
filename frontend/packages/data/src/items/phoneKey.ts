import { toBase64url, toHex } from "./bytes";

/**
 * Who keeps the secret half: the browser, which never hands it out (WebCrypto, secure origins), or
 * the page itself (plain HTTP has no WebCrypto; the box is told so).
 */
export type KeyKeeper = "webcrypto" | "script";

/** One person's key on this phone. */
export interface PhoneKey {
  person_id: string;
  key_id: string;
  /** SubjectPublicKeyInfo, base64url. */
  public_key: string;
  key_store: KeyKeeper;
  secret: CryptoKey | Uint8Array;
  /** The number the next item gets. */
  next: number;
  /** The box has the public half. */
  enrolled: boolean;
}

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const KEY_ID_BYTES = 16;
/** SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point (RFC 5480 §2). */
const SPKI_HEAD = Uint8Array.from([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
  0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
]);

/** `crypto.subtle` is missing, not only forbidden, on plain HTTP. */
function subtle(): SubtleCrypto | undefined {
  return (globalThis.crypto as { subtle?: SubtleCrypto }).subtle;
}

export async function makePhoneKey(personId: string, keeper = subtle()): Promise<PhoneKey> {
  const made = keeper === undefined ? await madeByScript() : await madeByBrowser(keeper);
  return { person_id: personId, next: 1, enrolled: false, ...made };
}

async function madeByBrowser(keeper: SubtleCrypto) {
  const pair = await keeper.generateKey(P256, false, ["sign", "verify"]);
  const spki = new Uint8Array(await keeper.exportKey("spki", pair.publicKey));
  const sum = new Uint8Array(await keeper.digest("SHA-256", spki));
  return {
    key_id: toHex(sum.slice(0, KEY_ID_BYTES)),
    public_key: toBase64url(spki),
    key_store: "webcrypto" as const,
    secret: pair.privateKey,
  };
}

async function madeByScript() {
  const [{ p256 }, { sha256 }] = await Promise.all([import("@noble/curves/nist.js"), import("@noble/hashes/sha2.js")]);
  const secret = p256.utils.randomSecretKey();
  const point = p256.getPublicKey(secret, false);
  const spki = new Uint8Array([...SPKI_HEAD, ...point]);
  return {
    key_id: toHex(sha256(spki).slice(0, KEY_ID_BYTES)),
    public_key: toBase64url(spki),
    key_store: "script" as const,
    secret,
  };
}

/** ECDSA over P-256 with SHA-256, r and s of 32 bytes each, base64url. */
export async function sign(key: PhoneKey, text: string): Promise<string> {
  const message = new TextEncoder().encode(text);
  if (key.secret instanceof Uint8Array) {
    const { p256 } = await import("@noble/curves/nist.js");
    return toBase64url(p256.sign(message, key.secret, { format: "compact" }));
  }
  const keeper = subtle();
  if (keeper === undefined) throw new Error("the key of this phone belongs to a secure page");
  const raw = await keeper.sign({ name: "ECDSA", hash: "SHA-256" }, key.secret, message);
  return toBase64url(new Uint8Array(raw));
}
