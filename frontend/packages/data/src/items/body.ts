import type { FieldEntry } from "../types";
import { canonical, type EntryValue } from "./canonical";

export const ITEM_VERSION = 1;
/** What a key signs begins with what it is for, so that no item can be shown as a sign-in. */
export const ITEM_CONTEXT = "fengsui-item-v1\n";
export const SESSION_CONTEXT = "fengsui-session-v1\n";

export interface ItemIdentity {
  client_id: string;
  /** "" where the phone has no key: the item then counts only from its author's session. */
  key_id: string;
  person_id: string;
  /** Counts this key's items from 1. */
  number: number;
}

/** The bytes of one item, as text. See docs/interfaces/phone-items.md. */
export function bodyOf(identity: ItemIdentity, entry: FieldEntry): string {
  const said: Record<string, EntryValue> = {};
  for (const [name, value] of Object.entries(entry)) {
    if (name !== "client_id" && name !== "at" && value !== undefined && value !== null) said[name] = value;
  }
  return canonical({
    v: ITEM_VERSION,
    id: identity.client_id,
    device: identity.key_id,
    person: identity.person_id,
    n: identity.number,
    at: Date.parse(entry.at),
    entry: said,
  });
}

export interface ReadBody {
  identity: ItemIdentity;
  entry: FieldEntry;
}

/** The other way round, for items another phone shows. Null when it is no item; the box is the judge. */
export function readBody(body: string): ReadBody | null {
  try {
    const plain = JSON.parse(body) as Record<string, unknown>;
    const { id, device, person, n, at, entry, v } = plain;
    if (v !== ITEM_VERSION || typeof id !== "string" || typeof device !== "string") return null;
    if (typeof person !== "string" || typeof n !== "number" || typeof at !== "number") return null;
    if (typeof entry !== "object" || entry === null || id === "") return null;
    return {
      identity: { client_id: id, key_id: device, person_id: person, number: n },
      entry: { ...(entry as Omit<FieldEntry, "client_id" | "at">), client_id: id, at: new Date(at).toISOString() },
    };
  } catch {
    return null;
  }
}
