/** The county's layers, fetched once for all maps of the page. */
import { api, mapApi, type BaseMap, type FeatureCollection } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { dotFeatures, readDots } from "@fengsui/map";

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
