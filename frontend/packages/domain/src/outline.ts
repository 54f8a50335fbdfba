/** An outline while it is being drawn: how large it is and what is wrong with it.
    The same verdicts as `fengsui/registers/risks/rules/outlines.py`; vectors in `spec/outlines.json`. */
import type { Position } from "./coordinates";
import type { Words } from "./words";

export const CORNERS_MIN = 3;
export const DRAWN_CORNERS_MAX = 500;
export const SPAN_DEGREES_MAX = 0.5;
const E7 = 10_000_000;
/** WGS-84, metres. */
const EQUATOR_M = 6_378_137;
const SQUARED_ECCENTRICITY = 0.006_694_379_990_14;

export interface OutlineFault extends Words {
  code: "few" | "many" | "world" | "wide" | "twice" | "crosses";
}

export function outlineFault(corners: readonly Position[]): OutlineFault | null {
  if (corners.length < CORNERS_MIN) {
    return { code: "few", zh: "至少要三个角点。请继续点选。", en: "At least three corners are needed. Add more." };
  }
  if (corners.length > DRAWN_CORNERS_MAX) {
    return {
      code: "many",
      zh: `角点超过 ${DRAWN_CORNERS_MAX} 个。请少取一些点，测绘成果请用导入。`,
      en: `More than ${DRAWN_CORNERS_MAX} corners. Use fewer, or import surveyed outlines.`,
    };
  }
  return placeFault(corners) ?? shapeFault(corners);
}

function placeFault(corners: readonly Position[]): OutlineFault | null {
  const lons = corners.map(([lon]) => lon);
  const lats = corners.map(([, lat]) => lat);
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  if (west < -180 || east > 180 || south < -90 || north > 90) {
    return {
      code: "world",
      zh: "坐标超出范围。请核对是不是“经度在前、纬度在后”。",
      en: "A corner leaves the world. Is it longitude first, latitude second?",
    };
  }
  if (Math.max(east - west, north - south) > SPAN_DEGREES_MAX) {
    return {
      code: "wide",
      zh: "范围跨度超过约 50 公里，不像一处危险区。请核对坐标。",
      en: "The outline spans more than about 50 km. Check the coordinates.",
    };
  }
  return null;
}

function shapeFault(corners: readonly Position[]): OutlineFault | null {
  const twice = corners.findIndex((corner, at) => {
    const next = corners[(at + 1) % corners.length];
    return next !== undefined && corner[0] === next[0] && corner[1] === next[1];
  });
  if (twice >= 0) {
    return {
      code: "twice",
      zh: `第 ${twice + 1} 个角点与下一个重合。请删去其中一个。`,
      en: `Corner ${twice + 1} and the next are the same. Take one away.`,
    };
  }
  const crossed = crossing(corners);
  if (crossed === null) return null;
  return {
    code: "crosses",
    zh: `边线自相交：第 ${crossed[0]} 条边与第 ${crossed[1]} 条边相交。请移动角点让边线不再交叉。`,
    en: `The outline crosses itself: side ${crossed[0]} meets side ${crossed[1]}. Move a corner.`,
  };
}

/** The first two sides that meet where they should not, counted from 1. Side n runs from corner n to the next. */
export function crossing(corners: readonly Position[]): [number, number] | null {
  const count = corners.length;
  for (let first = 0; first < count; first += 1) {
    for (let second = first + 1; second < count; second += 1) {
      if (sidesClash(corners, first, second)) return [first + 1, second + 1];
    }
  }
  return null;
}

function sidesClash(corners: readonly Position[], first: number, second: number): boolean {
  const count = corners.length;
  const [a, b, c, d] = [corners[first], corners[(first + 1) % count], corners[second], corners[(second + 1) % count]];
  if (!a || !b || !c || !d) return false;
  if (second === first + 1) return turnsBack(a, b, d);
  if (first === 0 && second === count - 1) return turnsBack(c, a, b);
  return meet(a, b, c, d);
}

function turnsBack(before: Position, corner: Position, after: Position): boolean {
  if (side(before, corner, after) !== 0) return false;
  return (corner[0] - before[0]) * (after[0] - corner[0]) + (corner[1] - before[1]) * (after[1] - corner[1]) < 0;
}

function meet(a: Position, b: Position, c: Position, d: Position): boolean {
  const [one, two, three, four] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (one * two < 0 && three * four < 0) return true;
  return (
    (one === 0 && within(a, b, c)) ||
    (two === 0 && within(a, b, d)) ||
    (three === 0 && within(c, d, a)) ||
    (four === 0 && within(c, d, b))
  );
}

/** 1, -1, or 0 on the line. Whole 1e-7 degrees within half a degree stay exact in a double. */
function side(a: Position, b: Position, c: Position): number {
  const [ax, ay] = [Math.round(a[0] * E7), Math.round(a[1] * E7)];
  const [bx, by] = [Math.round(b[0] * E7), Math.round(b[1] * E7)];
  const [cx, cy] = [Math.round(c[0] * E7), Math.round(c[1] * E7)];
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}

function within(a: Position, b: Position, c: Position): boolean {
  return (
    Math.min(a[0], b[0]) <= c[0] && c[0] <= Math.max(a[0], b[0]) && Math.min(a[1], b[1]) <= c[1] && c[1] <= Math.max(a[1], b[1])
  );
}

/** Metres a degree of longitude and of latitude at this latitude. */
function scaleAt(lat: number): [number, number] {
  const turn = (lat * Math.PI) / 180;
  const magic = 1 - SQUARED_ECCENTRICITY * Math.sin(turn) ** 2;
  const parallel = (EQUATOR_M / Math.sqrt(magic)) * Math.cos(turn);
  const meridian = (EQUATOR_M * (1 - SQUARED_ECCENTRICITY)) / magic ** 1.5;
  return [(parallel * Math.PI) / 180, (meridian * Math.PI) / 180];
}

/** Square metres and metres of a simple outline, on the plane that touches its middle: to a thousandth for 50 km. */
export function sizeOf(corners: readonly Position[]): { area_m2: number; perimeter_m: number } {
  const [origin] = corners;
  if (!origin) return { area_m2: 0, perimeter_m: 0 };
  const [east_m, north_m] = scaleAt(corners.reduce((sum, [, lat]) => sum + lat, 0) / corners.length);
  const flat = corners.map(([lon, lat]): Position => [(lon - origin[0]) * east_m, (lat - origin[1]) * north_m]);
  let doubled = 0;
  let perimeter_m = 0;
  flat.forEach(([x, y], at) => {
    const [nextX, nextY] = flat[(at + 1) % flat.length] ?? [x, y];
    doubled += x * nextY - nextX * y;
    perimeter_m += Math.hypot(nextX - x, nextY - y);
  });
  return { area_m2: Math.abs(doubled) / 2, perimeter_m };
}

const HECTARE_M2 = 10_000;
const SQUARE_KILOMETRE_M2 = 1_000_000;

/** 亩 is what a village thinks in: 1 亩 is 666.67 m². */
export function areaWords(area_m2: number): Words {
  if (area_m2 >= SQUARE_KILOMETRE_M2) {
    const size = (area_m2 / SQUARE_KILOMETRE_M2).toFixed(2);
    return { zh: `${size} 平方千米`, en: `${size} km²` };
  }
  const hectares = (area_m2 / HECTARE_M2).toFixed(2);
  return { zh: `${hectares} 公顷（${Math.round((area_m2 * 3) / 2000)} 亩）`, en: `${hectares} ha` };
}

export function lengthWords(length_m: number): Words {
  if (length_m < 1000) return { zh: `${Math.round(length_m)} 米`, en: `${Math.round(length_m)} m` };
  const size = (length_m / 1000).toFixed(2);
  return { zh: `${size} 千米`, en: `${size} km` };
}

/** GeoJSON of corners; the first is repeated at the end. */
export function polygonOf(corners: readonly Position[]): { type: "Polygon"; coordinates: Position[][] } {
  const [first] = corners;
  return { type: "Polygon", coordinates: [first ? [...corners, first] : []] };
}

/** The corners of a GeoJSON polygon without holes; null for anything a person did not draw as one outline. */
export function cornersOf(geometry: { type: string; coordinates: unknown } | null): Position[] | null {
  if (geometry?.type !== "Polygon" || !Array.isArray(geometry.coordinates) || geometry.coordinates.length !== 1) return null;
  const ring = geometry.coordinates[0] as unknown;
  if (!Array.isArray(ring)) return null;
  const corners = ring.map((one) => [Number((one as unknown[])[0]), Number((one as unknown[])[1])] as Position);
  const [first, last] = [corners[0], corners.at(-1)];
  if (first && last && corners.length > 1 && first[0] === last[0] && first[1] === last[1]) corners.pop();
  return corners;
}
