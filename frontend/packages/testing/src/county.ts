/** An invented county that looks like one: outline, valleys, seven townships, villages, danger areas. */
import type { BaseMap, Feature, FeatureCollection } from "@fengsui/api";

import { chance } from "./chance.ts";

type Point = [number, number];
export interface Village {
  code: string;
  name: string;
  township: string;
  point: Point | null;
}
export interface County {
  base: BaseMap;
  dangerAreas: FeatureCollection;
  villages: Village[];
  townships: { code: string; name: string; point: Point }[];
  warningArea: Feature;
  warningCodes: string[];
}

const CENTRE: Point = [110.0, 28.6];
const COUNTY = "990126";
const TOWNSHIP_NAMES = ["青岩镇", "石桥镇", "云溪镇", "黑潭镇", "两河镇", "枫香镇", "高坪乡"];
const FIRST = "龙毛翁李九曹中白牛马老新上下大小金铁";
const SECOND = "鼻坪草家寨溪塘坳湾岩洞桥坡冲坝田垭界";

const feature = (geometry: Feature["geometry"], properties: Record<string, unknown>): Feature => ({
  type: "Feature",
  geometry,
  properties,
});
const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
const at = (x: number, y: number): Point => [round(CENTRE[0] + x), round(CENTRE[1] + y)];
const round = (value: number): number => Math.round(value * 1e6) / 1e6;

export function inventCounty(seed = 7): County {
  const next = chance(seed);
  const outline = invented_outline(next);
  const seats: Point[] = TOWNSHIP_NAMES.map((_, index) => {
    if (index === 0) return at(0.01, 0.01);
    const angle = (index / (TOWNSHIP_NAMES.length - 1)) * Math.PI * 2 + 0.4;
    return at(Math.cos(angle) * 0.16 * (0.85 + next() * 0.3), Math.sin(angle) * 0.13 * (0.85 + next() * 0.3));
  });
  const townships = seats.map((point, index) => ({
    code: `${COUNTY}${101 + index}000`,
    name: TOWNSHIP_NAMES[index] ?? "",
    point,
  }));
  const cells = seats.map((seat, index) => clipToCell(outline, seats, index, seat));
  const villages = inventVillages(townships, cells, next);
  const warning = ring(at(-0.09, -0.085), 0.115, 0.075, next);
  const warningCodes = villages.filter((village) => village.point && inside(village.point, warning)).map((village) => village.code);
  warningCodes.push(...villages.filter((village) => !village.point).slice(0, 1).map((village) => village.code));
  const rivers = [0, 1, 2].map((index) => river(index, next));
  return {
    villages,
    townships,
    warningCodes,
    warningArea: feature({ type: "Polygon", coordinates: [warning] }, {}),
    dangerAreas: collection(
      villages
        .filter((village) => village.point && next() < 0.34)
        .map((village, index) => {
          const point = village.point ?? CENTRE;
          return feature(
            { type: "Polygon", coordinates: [ring([point[0] + 0.003, point[1] - 0.002], 0.007, 0.005, next)] },
            {
              id: String(9000 + index),
              name: `${village.name}沿河危险区`,
              kind: "flash_flood",
              village_code: village.code,
              households: 3 + Math.floor(next() * 14),
              people: 9 + Math.floor(next() * 40),
            },
          );
        }),
    ),
    base: {
      is_invented: true,
      without_point: villages.filter((village) => !village.point).map(({ code, name }) => ({ code, name })),
      attribution: ["示意县：地形、村点、人员均为虚构"],
      bounds: [CENTRE[0] - 0.27, CENTRE[1] - 0.22, CENTRE[0] + 0.27, CENTRE[1] + 0.22],
      layers: {
        county: collection([feature({ type: "Polygon", coordinates: [outline] }, { name: "示意县" })]),
        townships: collection(
          cells.map((cell, index) =>
            feature(
              { type: "Polygon", coordinates: [cell] },
              { code: townships[index]?.code, name: townships[index]?.name },
            ),
          ),
        ),
        villages: collection(
          villages
            .filter((village) => village.point)
            .map((village) =>
              feature({ type: "Point", coordinates: village.point }, { code: village.code, name: village.name }),
            ),
        ),
        rivers: collection(rivers.map((line) => feature({ type: "LineString", coordinates: line }, {}))),
        roads: collection(
          seats.slice(1).map((seat) => feature({ type: "LineString", coordinates: bend(seats[0] ?? seat, seat, next) }, {})),
        ),
      },
    },
  };
}

function invented_outline(next: () => number): Point[] {
  const waves = [2, 3, 5, 7, 11].map((count) => ({ count, phase: next() * 7, size: 0.1 / count + 0.012 }));
  const points: Point[] = [];
  for (let step = 0; step < 160; step += 1) {
    const angle = (step / 160) * Math.PI * 2;
    const reach = 1 + waves.reduce((sum, wave) => sum + Math.sin(angle * wave.count + wave.phase) * wave.size, 0);
    points.push(at(Math.cos(angle) * 0.24 * reach, Math.sin(angle) * 0.19 * reach));
  }
  return close(points);
}

function close(points: Point[]): Point[] {
  return points[0] ? [...points, points[0]] : points;
}

function ring(centre: Point, width: number, height: number, next: () => number): Point[] {
  const phase = next() * 7;
  return close(
    Array.from({ length: 40 }, (_, step): Point => {
      const angle = (step / 40) * Math.PI * 2;
      const reach = 1 + 0.13 * Math.sin(angle * 3 + phase) + 0.05 * Math.sin(angle * 5 + phase);
      return [round(centre[0] + Math.cos(angle) * width * reach), round(centre[1] + Math.sin(angle) * height * reach)];
    }),
  );
}

/** The part of the outline that lies nearer to this seat than to any other: half-plane by half-plane. */
function clipToCell(outline: Point[], seats: Point[], index: number, seat: Point): Point[] {
  let cell = outline.slice(0, -1);
  seats.forEach((other, otherIndex) => {
    if (otherIndex === index) return;
    const middle: Point = [(seat[0] + other[0]) / 2, (seat[1] + other[1]) / 2];
    const side = (point: Point): number =>
      (point[0] - middle[0]) * (seat[0] - other[0]) + (point[1] - middle[1]) * (seat[1] - other[1]);
    const kept: Point[] = [];
    cell.forEach((point, step) => {
      const following = cell[(step + 1) % cell.length] ?? point;
      const here = side(point);
      const there = side(following);
      if (here >= 0) kept.push(point);
      if (here >= 0 !== there >= 0) {
        const share = here / (here - there);
        kept.push([
          round(point[0] + (following[0] - point[0]) * share),
          round(point[1] + (following[1] - point[1]) * share),
        ]);
      }
    });
    cell = kept;
  });
  return close(cell);
}

function inventVillages(townships: County["townships"], cells: Point[][], next: () => number): Village[] {
  const used = new Set<string>();
  const villages: Village[] = [];
  townships.forEach((township, index) => {
    const cell = cells[index] ?? [];
    for (let number = 0; number < 12; number += 1) {
      let name = "";
      do {
        name = `${FIRST[Math.floor(next() * FIRST.length)] ?? ""}${SECOND[Math.floor(next() * SECOND.length)] ?? ""}村`;
      } while (used.has(name));
      used.add(name);
      let point: Point | null = null;
      for (let go = 0; go < 60 && !point; go += 1) {
        const guess: Point = [
          round(township.point[0] + (next() - 0.5) * 0.2),
          round(township.point[1] + (next() - 0.5) * 0.18),
        ];
        if (inside(guess, cell)) point = guess;
      }
      if (number === 11 && index % 2 === 0) point = null;
      villages.push({
        code: `${township.code.slice(0, 9)}${200 + number}`,
        name,
        township: township.code,
        point,
      });
    }
  });
  return villages;
}

function river(index: number, next: () => number): Point[] {
  const start = -0.22 + index * 0.03;
  const phase = next() * 6;
  return Array.from({ length: 50 }, (_, step): Point => {
    const along = step / 49;
    return at(start + along * 0.4, -0.12 + index * 0.1 + Math.sin(along * 9 + phase) * 0.022 + (along - 0.5) * 0.05);
  });
}

function bend(from: Point, to: Point, next: () => number): Point[] {
  const sway = (next() - 0.5) * 0.06;
  return Array.from({ length: 20 }, (_, step): Point => {
    const along = step / 19;
    const off = Math.sin(along * Math.PI * 3) * sway;
    return [round(from[0] + (to[0] - from[0]) * along + off), round(from[1] + (to[1] - from[1]) * along + off / 2)];
  });
}

export function inside(point: Point, polygon: Point[]): boolean {
  let within = false;
  for (let here = 0, before = polygon.length - 1; here < polygon.length; before = here, here += 1) {
    const a = polygon[here];
    const b = polygon[before];
    if (!a || !b) continue;
    if (a[1] > point[1] !== b[1] > point[1] && point[0] < ((b[0] - a[0]) * (point[1] - a[1])) / (b[1] - a[1]) + a[0]) {
      within = !within;
    }
  }
  return within;
}
