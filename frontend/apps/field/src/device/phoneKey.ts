/** The key of this phone for one person: made once, shown to the box, used to come back. */
import {
  makePhoneKey,
  Refusal,
  SESSION_CONTEXT,
  sign,
  type FieldDatabase,
  type FieldSession,
  type FieldTransport,
  type PhoneKey,
} from "@fengsui/data";

export async function keyFor(database: FieldDatabase, personId: string): Promise<PhoneKey | null> {
  if (personId === "") return null;
  const kept = await database.keys.get(personId);
  if (kept !== undefined) return kept;
  const made = await makePhoneKey(personId);
  // Another tab may have made one meanwhile: the first stays.
  await database.keys.add(made).catch(() => undefined);
  return (await database.keys.get(personId)) ?? null;
}

/** Ties the key to the signed-in person. A phone that was reported lost and found begins with a new one. */
export async function enrolKey(
  database: FieldDatabase,
  transport: FieldTransport,
  personId: string,
): Promise<PhoneKey | null> {
  const key = await keyFor(database, personId);
  if (key === null) return null;
  try {
    await transport.enrol(key);
  } catch (error) {
    if (!(error instanceof Refusal) || error.problem.code !== "devices.lost") throw error;
    await database.keys.delete(personId);
    const fresh = await keyFor(database, personId);
    if (fresh === null) return null;
    await transport.enrol(fresh);
  }
  await database.keys.update(personId, { enrolled: true });
  return (await database.keys.get(personId)) ?? null;
}

/** Null when this phone has no key that the box knows. Raises what the box refuses. */
export async function sessionByKey(
  database: FieldDatabase,
  transport: FieldTransport,
  personId: string,
): Promise<FieldSession | null> {
  const key = await database.keys.get(personId);
  if (key?.enrolled !== true) return null;
  const at = await transport.boxNow();
  const signature = await sign(key, `${SESSION_CONTEXT}${key.key_id}\n${at}`);
  return await transport.signInByKey(key.key_id, at, signature);
}
