/** The villages of the base map as things to be placed. Pure. */
import type { BaseMap, MapPoint } from "@fengsui/api";

import { layerOf, prefixOf } from "./feeds";
import type { Target } from "./usePlacing";

/** A point farther than this from the county's box is most likely in another coordinate system. */
const FAR_DEGREES = 0.05;

export function villagesOf(base: BaseMap | null): Target[] {
  if (!base) return [];
  const townships = new Map(
    layerOf(base, "townships").features.map(({ properties }) => [prefixOf(String(properties["code"] ?? "")), String(properties["name"] ?? "")]),
  );
  const within = (code: string): string => townships.get(code.slice(0, 9)) ?? "";
  const placed = layerOf(base, "villages").features.map(({ properties, geometry }): Target => {
    const code = String(properties["code"] ?? "");
    const [lon, lat] = (geometry?.coordinates as number[] | undefined) ?? [];
    return { id: code, name: String(properties["name"] ?? ""), within: within(code), point: lon !== undefined && lat !== undefined ? [lon, lat] : null };
  });
  const waiting = (base.without_point ?? []).map(({ code, name }): Target => ({ id: code, name, within: within(code), point: null }));
  return [...waiting, ...placed];
}

export function isFarFrom(base: BaseMap | null, point: MapPoint | null): boolean {
  const box = base?.bounds;
  if (!box || !point) return false;
  return (
    point[0] < box[0] - FAR_DEGREES || point[0] > box[2] + FAR_DEGREES || point[1] < box[1] - FAR_DEGREES || point[1] > box[3] + FAR_DEGREES
  );
}
