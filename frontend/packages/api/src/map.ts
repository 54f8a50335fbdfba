/** Placing and drawing on the map, and what lies below it. */
import { address, http } from "./client";
import { at } from "./paths";
import { ApiProblem, unreachable } from "./problem";
import type { Feature, Id } from "./types";

/** [longitude, latitude] in degrees WGS-84. */
export type MapPoint = [number, number];
export type DangerKind = "flash_flood" | "geohazard" | "waterlogging" | "downstream" | "other";
export interface AreaToDraw {
  id: Id;
  name: string;
  kind: DangerKind;
  village_code: string;
  has_outline: boolean;
  households: number;
  people: number;
}
export interface Placing {
  danger_areas: AreaToDraw[];
  households: { total: number; without_point: number };
}
export interface HouseholdOnMap {
  id: Id;
  label: string;
  place_code: string;
  people: number;
  point: MapPoint | null;
}
export interface VenueOnMap {
  id: Id;
  name: string;
  kind: string;
  point: MapPoint;
}
export interface DrawnArea {
  id: Id;
  name: string;
  kind: DangerKind;
  village_code: string;
  geometry: Feature["geometry"];
  /** Of the outline that was read: a change on top of another one is refused. */
  mark: string;
  listed: number;
  /** In the outline and not listed; listed and outside; listed without a point. */
  inside: HouseholdOnMap[];
  outside: HouseholdOnMap[];
  unplaced: HouseholdOnMap[];
}
export interface TilesOffered {
  is_set: boolean;
  layers: { name: string; names: string; zh: string; en: string }[];
  attribution: string;
  approval_number: string;
  zoom_min: number;
  zoom_max: number;
}
export interface Placed {
  point: MapPoint | null;
  before: MapPoint | null;
}

let dots: { tag: string; bytes: Uint8Array } | null = null;

/** All households in sight. Kept in this page's memory only; asked again by its tag. */
async function householdDots(): Promise<Uint8Array> {
  const headers: Record<string, string> = dots ? { "If-None-Match": dots.tag } : {};
  let answer: Response;
  try {
    answer = await fetch(address(at("/api/v1/map/household-dots")), { headers, credentials: "same-origin", cache: "no-store" });
  } catch {
    throw unreachable();
  }
  if (answer.status === 304 && dots) return dots.bytes;
  if (!answer.ok) {
    throw new ApiProblem(answer.status, `http_${answer.status}`, "住户点位没有取到，请重试。", "The points of households did not come. Try again.");
  }
  dots = { tag: answer.headers.get("ETag") ?? "", bytes: new Uint8Array(await answer.arrayBuffer()) };
  return dots.bytes;
}

export const mapApi = {
  placing: () => http.get<Placing>(at("/api/v1/map/placing")),
  venues: () => http.get<{ items: VenueOnMap[] }>(at("/api/v1/map/venues")),
  households: (village: string) => http.get<{ items: HouseholdOnMap[]; is_whole: boolean }>(at("/api/v1/map/households"), { village }),
  householdDots,
  forgetHouseholdDots: () => {
    dots = null;
  },
  placeVillage: (code: string, point: MapPoint | null, seen: MapPoint | null) =>
    http.post<Placed>(at("/api/v1/map/places/{place}/point", code), { point, seen }),
  placeHousehold: (id: Id, point: MapPoint | null, seen: MapPoint | null) =>
    http.post<Placed>(at("/api/v1/map/households/{household_id}/point", id), { point, seen }),
  area: (id: Id) => http.get<DrawnArea>(at("/api/v1/map/danger-areas/{danger_area_id}", id)),
  drawArea: (drawn: { village_code: string; name: string; danger_kind: DangerKind; geometry: unknown }) =>
    http.post<DrawnArea>(at("/api/v1/map/danger-areas/draw"), drawn),
  redrawArea: (id: Id, geometry: unknown, mark: string) =>
    http.post<DrawnArea>(at("/api/v1/map/danger-areas/{danger_area_id}/outline", id), { geometry, mark }),
  listHouseholds: (id: Id, change: { add?: Id[]; remove?: Id[]; reason?: string }) =>
    http.post<DrawnArea>(at("/api/v1/map/danger-areas/{danger_area_id}/households", id), change),
  tiles: () => http.get<TilesOffered>(at("/api/v1/map/tiles")),
};
