/** The county's layers, fetched once for all maps of the page, and kept for the time without a network. */
import { api, mapApi, type BaseMap, type FeatureCollection } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { dotFeatures, readDots } from "@fengsui/map";
import { watch } from "vue";

import { session } from "../shell/useSession";
import { keepCounty } from "./kept";

export const base = resource<BaseMap>(() => api.baseMap());
export const danger = resource<FeatureCollection>(() => api.dangerAreas());
export const venues = resource<FeatureCollection>(async () => {
  const { items } = await mapApi.venues();
  return {
    type: "FeatureCollection",
    features: items.map(({ id, name, kind, point }) => ({ type: "Feature", properties: { id, name, kind }, geometry: { type: "Point", coordinates: point } })),
  };
});
/** Positions without names, in this page's memory only. */
export const dots = resource<FeatureCollection>(async () => dotFeatures(readDots(await mapApi.householdDots())) as unknown as FeatureCollection);

watch([base.value, danger.value], ([map, areas]) => {
  if (map && areas && session.value.value?.person) void keepCounty(map, areas, Date.now());
});
// Another person sees another county: nothing of the last one stays on the page.
watch(
  () => session.value.value?.person?.id ?? null,
  () => {
    for (const one of [base, danger, venues, dots]) one.clear();
    mapApi.forgetHouseholdDots();
  },
  { flush: "sync" },
);
