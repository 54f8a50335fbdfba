/** The last map of the county on this machine, for the time without a network.
    Divisions, lines, danger areas and how many live in them; nobody's name, number or house. It is
    forgotten at sign-out, and where the node says that the session is over. */
import type { BaseMap, FeatureCollection } from "@fengsui/api";

const CACHE = "fengsui-desk-county";
const PLACE = "/desk/kept/county.json";
/** What is kept of a danger area. A new field of the API stays out until somebody adds it here. */
const KEPT_OF_AREA = ["id", "name", "kind", "village_code", "households", "people", "shelter_name", "is_invented"];

export interface KeptCounty {
  kept_at_ms: number;
  base: BaseMap;
  danger: FeatureCollection;
}

/** Null where the browser keeps nothing: plain HTTP, private browsing. */
async function open(): Promise<Cache | null> {
  try {
    return await caches.open(CACHE);
  } catch {
    return null;
  }
}

export function withoutPersons(danger: FeatureCollection): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: danger.features.map(({ geometry, properties }) => ({
      type: "Feature",
      geometry,
      properties: Object.fromEntries(Object.entries(properties).filter(([name]) => KEPT_OF_AREA.includes(name))),
    })),
  };
}

export async function keepCounty(base: BaseMap, danger: FeatureCollection, nowMs: number): Promise<void> {
  const cache = await open();
  const kept: KeptCounty = { kept_at_ms: nowMs, base, danger: withoutPersons(danger) };
  // A full disk costs the copy, not the page.
  await cache?.put(PLACE, new Response(JSON.stringify(kept), { headers: { "Content-Type": "application/json" } })).catch(() => undefined);
}

export async function keptCounty(): Promise<KeptCounty | null> {
  const found = await (await open())?.match(PLACE).catch(() => undefined);
  if (!found) return null;
  try {
    return (await found.json()) as KeptCounty;
  } catch {
    return null;
  }
}

export async function forgetCounty(): Promise<void> {
  try {
    await caches.delete(CACHE);
  } catch {
    /* nothing is kept where caches are not */
  }
}
