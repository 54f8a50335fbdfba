/** The browser threw away what was stored here: said in words, with what may be missing. */
import { clearMark, readMark, writeMark, type FieldDatabase, type FieldTransport, type Mark, type PhoneKey } from "@fengsui/data";
import type { Ref } from "vue";

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

/** Asks the box how many it has. Who has read the notice and put it away meanwhile does not see it again. */
export async function learnReceived(emptied: Ref<Emptied | null>, transport: Pick<FieldTransport, "reach">, personId: string): Promise<void> {
  const asked = emptied.value;
  if (asked?.mark.person_id !== personId) return;
  const reach = await transport.reach(asked.mark.key_id).catch(() => null);
  if (reach !== null && emptied.value === asked) emptied.value = { ...asked, received: reach.received };
}
