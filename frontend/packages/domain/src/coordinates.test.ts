import { describe, expect, it } from "vitest";

import spec from "../../../../spec/coordinates.json";
import { fromWgs84, gcj02ToBd09, type Position, readPosition, SYSTEMS, type CoordinateSystem, toWgs84, writePosition } from "./coordinates";

interface Vectors {
  tolerance_degrees: number;
  forward: { source: string; wgs84: Position; system: CoordinateSystem; there: Position }[];
  gcj02_to_bd09: { gcj02: Position; bd09: Position }[];
}
const vectors = spec as unknown as Vectors;

function metres(one: Position, other: Position): number {
  return Math.hypot((one[0] - other[0]) * Math.cos((one[1] * Math.PI) / 180), one[1] - other[1]) * 111_320;
}
/** A small seeded generator: the same points in every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

describe("coordinates", () => {
  it.each(vectors.forward)("golden vector: $source $system $wgs84", ({ wgs84, system, there }) => {
    const found = fromWgs84(wgs84, system);
    expect(Math.abs(found[0] - there[0])).toBeLessThan(vectors.tolerance_degrees);
    expect(Math.abs(found[1] - there[1])).toBeLessThan(vectors.tolerance_degrees);
    expect(metres(toWgs84(there, system), wgs84)).toBeLessThan(1);
  });
  it.each(vectors.gcj02_to_bd09)("golden vector of Baidu: $gcj02", ({ gcj02, bd09 }) => {
    const found = gcj02ToBd09(gcj02);
    expect(found[0]).toBeCloseTo(bd09[0], 11);
    expect(found[1]).toBeCloseTo(bd09[1], 11);
  });
  it("goes there and back within a metre, for 4,000 points at random", () => {
    const next = chance(20_260_717);
    for (let turn = 0; turn < 1000; turn += 1) {
      const point: Position = [72.1 + next() * 65.6, 0.9 + next() * 54.8];
      for (const system of SYSTEMS) expect(metres(toWgs84(fromWgs84(point, system), system), point)).toBeLessThan(1);
    }
  });
});

describe("what a person types", () => {
  it.each<[string, Position | null]>([
    ["110.123456, 28.654321", [110.123456, 28.654321]],
    ["110.123456，28.654321", [110.123456, 28.654321]],
    ["28.654321, 110.123456", [110.123456, 28.654321]],
    ["110.5 28.5", [110.5, 28.5]],
    ["110°30′00″, 28°30′00″", [110.5, 28.5]],
    ["东经110度30分0秒，北纬28度30分0秒", [110.5, 28.5]],
    ["北纬28度30分0秒，东经110度30分0秒", [110.5, 28.5]],
    ["28°30'00\"N 110°30'00\"E", [110.5, 28.5]],
    ["85.3, 27.7", [85.3, 27.7]],
    ["110.5", null],
    ["", null],
    ["石滩村", null],
    ["110.5, 28.5, 30", null],
    ["110 75 00, 28 30 00", null],
    ["190, 95", null],
  ])("%s", (text, wanted) => {
    const found = readPosition(text);
    if (wanted === null) expect(found).toBeNull();
    else {
      expect(found?.[0]).toBeCloseTo(wanted[0], 8);
      expect(found?.[1]).toBeCloseTo(wanted[1], 8);
    }
  });
  it("is shown with six decimals", () => expect(writePosition([110.1, 28])).toBe("110.100000, 28.000000"));
});
