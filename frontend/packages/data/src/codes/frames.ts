/**
 * Items as QR codes. Every frame stands by itself: whole items, its own checksum, so that one lost
 * frame costs only what is in it. See docs/interfaces/phone-items.md.
 */
import { crc32 } from "../items/bytes";
import { readBody } from "../items/body";
import { fromBase45, toBase45 } from "./base45";

export interface SignedItem {
  body: string;
  /** Base64url; "" when the phone had no key. */
  signature: string;
}

export interface Frame {
  /** One showing of one outbox; frames of another set do not mix. */
  set: string;
  index: number;
  count: number;
  /** The name on the phone that shows them: for the eye, the signature decides. */
  who: string;
  items: SignedItem[];
}

const MAGIC = "FS1";
/** Fits a QR code of about 110 modules, which a cheap camera still reads from a small screen. */
export const FRAME_BYTES_MAX = 780;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

function line(item: SignedItem): string {
  return `\n${item.body}\t${item.signature}`;
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).toUpperCase().padStart(8, "0");
}

/** The texts of the codes, in order. An item longer than a frame gets one of its own. */
export function toFrames(who: string, items: readonly SignedItem[]): string[] {
  const name = who.replaceAll(/[\n\t]/g, " ");
  const payloads: string[] = [];
  let payload = name;
  for (const item of items) {
    const longer = payload + line(item);
    if (payload !== name && encoder.encode(longer).length > FRAME_BYTES_MAX) {
      payloads.push(payload);
      payload = name + line(item);
    } else {
      payload = longer;
    }
  }
  if (payload !== name) payloads.push(payload);
  const set = checksum(encoder.encode(payloads.join("\n")));
  return payloads.map((text, index) => {
    const bytes = encoder.encode(text);
    return `${MAGIC}/${set}/${index + 1}/${payloads.length}/${checksum(bytes)}/${toBase45(bytes)}`;
  });
}

export type FrameTrouble =
  /** A QR code of something else. */
  | "not_ours"
  /** Ours, but misread or cut. */
  | "damaged";

export function readFrame(text: string): Frame | FrameTrouble {
  const found = /^FS1\/([0-9A-F]{8})\/(\d{1,4})\/(\d{1,4})\/([0-9A-F]{8})\/(.*)$/s.exec(text.trimStart().replace(/[\r\n]+$/, ""));
  if (found === null) return "not_ours";
  const [, set = "", index = "", count = "", sum = "", packed = ""] = found;
  const bytes = fromBase45(packed);
  if (bytes === null || checksum(bytes) !== sum) return "damaged";
  let lines: string[];
  try {
    lines = decoder.decode(bytes).split("\n");
  } catch {
    return "damaged";
  }
  const items = lines.slice(1).map((one): SignedItem => {
    const at = one.indexOf("\t");
    return { body: one.slice(0, at), signature: one.slice(at + 1) };
  });
  if (items.some((item) => readBody(item.body) === null)) return "damaged";
  return { set, index: Number(index), count: Number(count), who: lines[0] ?? "", items };
}
