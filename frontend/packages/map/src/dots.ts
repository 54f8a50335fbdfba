/** Reads the feed of all households (docs/interfaces/map.md); written by `fengsui/web/dots.py`. */
import type { FeatureCollection, Point } from "geojson";

const MAGIC = [0x46, 0x53, 0x44, 0x31]; // FSD1
const UNITS_PER_DEGREE = 1_000_000;

export interface Dots {
  /** Each dot stands for several households of one cell. */
  areCells: boolean;
  lon: Float64Array;
  lat: Float64Array;
  households: Uint32Array;
}

export class BrokenDotsError extends Error {}

export function readDots(bytes: Uint8Array): Dots {
  if (MAGIC.some((one, at) => bytes[at] !== one)) throw new BrokenDotsError("not a feed of dots");
  let at = MAGIC.length;
  const next = (): number => {
    let value = 0;
    for (let size = 1; ; size *= 128) {
      const byte = bytes[at];
      if (byte === undefined) throw new BrokenDotsError("ends early");
      at += 1;
      value += (byte & 0x7f) * size;
      if (byte < 0x80) return value;
    }
  };
  const step = (): number => {
    const value = next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const areCells = next() === 1;
  const count = next();
  if (count > bytes.length) throw new BrokenDotsError("promises more dots than it has bytes");
  const dots: Dots = { areCells, lon: new Float64Array(count), lat: new Float64Array(count), households: new Uint32Array(count).fill(1) };
  let lon = 0;
  let lat = 0;
  for (let number = 0; number < count; number += 1) {
    lon += step();
    lat += step();
    dots.lon[number] = lon / UNITS_PER_DEGREE;
    dots.lat[number] = lat / UNITS_PER_DEGREE;
    if (areCells) dots.households[number] = next();
  }
  return dots;
}

export function dotFeatures(dots: Dots): FeatureCollection<Point> {
  return {
    type: "FeatureCollection",
    features: Array.from(dots.lon, (lon, at) => ({
      type: "Feature",
      properties: { n: dots.households[at] ?? 1 },
      geometry: { type: "Point", coordinates: [lon, dots.lat[at] ?? 0] },
    })),
  };
}
