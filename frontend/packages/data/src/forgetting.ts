/** What was erased at the box leaves this phone too: settled rows, and what the last list says of it. */
import type { FieldDatabase } from "./database";
import type { FieldTransport } from "./transport";

/** `ids`: of households, persons, calls, or of an event with its list and its calls. Nobody is named. */
export interface ErasedHere {
  id: string;
  subject: string;
  ids: string[];
  at: string;
}

export interface Forgotten {
  rows: number;
  /** Not yet delivered and about something that was erased: asked for again after it has gone out. */
  waiting: number;
}

/** What is still to be delivered stays until it is: the box erases it as it comes. */
export async function forgetErased(database: FieldDatabase, erased: readonly ErasedHere[]): Promise<Forgotten> {
  const ids = new Set(erased.flatMap((one) => one.ids));
  if (!ids.size) return { rows: 0, waiting: 0 };
  const { entries, snapshots } = database;
  return database.transaction("rw", entries, snapshots, async () => {
    const about = await entries
      .filter((row) => [row.entry.household_id, row.entry.evacuation_id, row.entry.call_id].some((id) => id !== undefined && ids.has(id)))
      .toArray();
    const settled = about.filter((row) => row.state !== "waiting");
    await entries.bulkDelete(settled.map((row) => row.seq as number));
    await snapshots.toCollection().modify((snapshot, reference: { value?: unknown }) => {
      const { alert, evacuation_id, call, groups } = snapshot.tonight;
      if ([alert?.id, evacuation_id, call?.id].some((id) => id && ids.has(id))) {
        delete reference.value;
        return;
      }
      for (const household of groups.flatMap((group) => group.households)) {
        if (ids.has(household.id)) Object.assign(household, { label: "", confirmed_by: null });
      }
      for (const group of groups) if (group.head_person_id && ids.has(group.head_person_id)) group.head_name = "";
    });
    return { rows: settled.length, waiting: about.length - settled.length };
  });
}

/** Asks the box what was erased since `after` and forgets it; returns from when to ask next. */
export async function learnErased(database: FieldDatabase, transport: Pick<FieldTransport, "read">, after: string): Promise<string> {
  const query = after ? `?after=${encodeURIComponent(after)}` : "";
  const { items } = await transport.read<{ items: ErasedHere[] }>(`/field/erasures${query}`);
  const { waiting } = await forgetErased(database, items);
  return waiting ? after : (items.at(-1)?.at ?? after);
}
