/** The box around any GeoJSON, so that the map can open on the warning. */
import type { Bounds } from "./countyMap";

export function boundsOf(shapes: readonly unknown[]): Bounds | null {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      const [lon, lat] = value as unknown[];
      if (typeof lon === "number" && typeof lat === "number") {
        box[0] = Math.min(box[0], lon);
        box[1] = Math.min(box[1], lat);
        box[2] = Math.max(box[2], lon);
        box[3] = Math.max(box[3], lat);
      } else value.forEach(walk);
    } else if (value && typeof value === "object") {
      const shape = value as Record<string, unknown>;
      walk(shape["coordinates"] ?? shape["geometry"] ?? shape["features"] ?? shape["geometries"]);
    }
  };
  shapes.forEach(walk);
  return Number.isFinite(box[0]) ? box : null;
}

/** A little air around a box, as a share of its size. */
export function widen(box: Bounds, share = 0.25): Bounds {
  const width = Math.max(box[2] - box[0], 0.02) * share;
  const height = Math.max(box[3] - box[1], 0.02) * share;
  return [box[0] - width, box[1] - height, box[2] + width, box[3] + height];
}
