/** Turns the slices' answers into what the map draws. Pure, so that it can be tested without a map. */
import type { AlertDetail, BaseMap, Board, Feature, FeatureCollection } from "@fengsui/api";
import { placesShown } from "@fengsui/domain";

export type Tone = "answered" | "calling" | "unanswered";
export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

export function layerOf(base: BaseMap | null, name: keyof BaseMap["layers"]): FeatureCollection {
  return base?.layers[name] ?? NOTHING;
}

/** Name of every place on the base map, and of those without a point. */
export function namesOf(base: BaseMap | null): Map<string, string> {
  const names = new Map<string, string>();
  for (const layer of ["county", "townships", "villages"] as const) {
    for (const { properties } of layerOf(base, layer).features) {
      if (typeof properties["code"] === "string") names.set(properties["code"], String(properties["name"] ?? ""));
    }
  }
  for (const place of base?.without_point ?? []) names.set(place.code, place.name);
  return names;
}

export function tonesOf(board: Board | null): Map<string, Tone> {
  const tones = new Map<string, Tone>();
  for (const place of board ? placesShown(board) : []) {
    if (place.state !== "out_of_area") tones.set(place.code, place.state);
  }
  return tones;
}

/** Digits that a place code and everything below it share: 433126000000 → 433126. */
export function prefixOf(code: string): string {
  if (/^\d{6}0{6}$/.test(code)) return code.slice(0, 6);
  return /^\d{9}0{3}$/.test(code) ? code.slice(0, 9) : code;
}

/** A warning's own shape; without one, the townships its codes name. */
export function warningArea(alert: AlertDetail | null, base: BaseMap | null): FeatureCollection {
  if (!alert) return NOTHING;
  const shape = alert.area.geojson as unknown as Feature | FeatureCollection | Feature["geometry"] | null;
  if (shape) {
    if (shape.type === "FeatureCollection") return shape as FeatureCollection;
    if (shape.type === "Feature") return { type: "FeatureCollection", features: [shape as Feature] };
    return { type: "FeatureCollection", features: [{ type: "Feature", geometry: shape as Feature["geometry"], properties: {} }] };
  }
  const prefixes = alert.area.codes.map(prefixOf);
  const county = layerOf(base, "county").features.filter(({ properties }) => prefixes.includes(prefixOf(String(properties["code"] ?? ""))));
  if (county.length) return { type: "FeatureCollection", features: county };
  return {
    type: "FeatureCollection",
    features: layerOf(base, "townships").features.filter(({ geometry, properties }) => {
      const own = prefixOf(String(properties["code"] ?? ""));
      return geometry?.type !== "Point" && prefixes.some((prefix) => prefix.startsWith(own));
    }),
  };
}

/** Where township names stand: at the seat where it is known, else at the middle of the outline. */
export function seatsOf(base: BaseMap | null): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: layerOf(base, "townships").features.flatMap((feature) => {
      const { lon, lat, name } = feature.properties;
      const point = typeof lon === "number" && typeof lat === "number" ? [lon, lat] : middleOf(feature.geometry);
      return point ? [{ type: "Feature" as const, geometry: { type: "Point", coordinates: point }, properties: { name } }] : [];
    }),
  };
}

function middleOf(geometry: Feature["geometry"]): [number, number] | null {
  const box = [Infinity, Infinity, -Infinity, -Infinity] as [number, number, number, number];
  const walk = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    const [lon, lat] = value as unknown[];
    if (typeof lon === "number" && typeof lat === "number") {
      box[0] = Math.min(box[0], lon);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lon);
      box[3] = Math.max(box[3], lat);
    } else value.forEach(walk);
  };
  walk(geometry?.coordinates);
  return Number.isFinite(box[0]) ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null;
}
