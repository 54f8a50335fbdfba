/** The browser threw away what was stored here: said in words, with what may be missing. */
import { clearMark, readMark, writeMark, type FieldDatabase, type FieldTransport, type Mark, type PhoneKey } from "@fengsui/data";

export interface Emptied {
  mark: Mark;
  /** How many of this key's items the box has; null until it was asked. */
  received: number | null;
}

function places() {
  let local: Storage | null = null;
  try {
    local = globalThis.localStorage;
  } catch {
    /* private browsing */
  }
  return { local, cookies: document };
}

export function markThePlaces(key: PhoneKey | null, name: string): void {
  if (key === null) return;
  const { key_id, person_id, next } = key;
  writeMark(places(), { key_id, person_id, name, number: next - 1, at: Date.now() });
}

/** A mark without the store it speaks of. The note stays until the person has read it. */
export async function findEmptied(database: FieldDatabase): Promise<Emptied | null> {
  const note = await database.notes.get("emptied");
  if (note !== undefined) return { mark: note.mark, received: null };
  const mark = readMark(places());
  if (mark === null || (await database.keys.count()) > 0) return null;
  await database.notes.put({ key: "emptied", mark });
  clearMark(places());
  return { mark, received: null };
}

export async function learnReceived(emptied: Emptied, transport: FieldTransport, personId: string): Promise<Emptied> {
  if (emptied.mark.person_id !== personId) return emptied;
  try {
    const reach = await transport.reach(emptied.mark.key_id);
    return { ...emptied, received: reach.received };
  } catch {
    return emptied;
  }
}
