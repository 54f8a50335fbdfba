import { describe, expect, it } from "vitest";

import spec from "../../../../spec/outlines.json";
import type { Position } from "./coordinates";
import { areaWords, cornersOf, crossing, lengthWords, outlineFault, polygonOf, sizeOf } from "./outline";

interface Vectors {
  outlines: { name: string; corners: Position[]; fault: string; sides?: [number, number] }[];
  sizes: { source: string; corners: Position[]; area_m2: number; perimeter_m: number; within: number }[];
}
const vectors = spec as unknown as Vectors;

describe("outline", () => {
  it.each(vectors.outlines)("$name", ({ corners, fault, sides }) => {
    expect(outlineFault(corners)?.code ?? "").toBe(fault);
    if (sides) expect(crossing(corners)).toEqual(sides);
  });
  it.each(vectors.sizes)("is as large as $source", ({ corners, area_m2, perimeter_m, within }) => {
    const size = sizeOf(corners);
    expect(Math.abs(size.area_m2 / area_m2 - 1)).toBeLessThan(within);
    expect(Math.abs(size.perimeter_m / perimeter_m - 1)).toBeLessThan(within);
  });
  it("says sizes in words", () => {
    expect(areaWords(12_345).zh).toBe("1.23 公顷（19 亩）");
    expect(areaWords(2_500_000).zh).toBe("2.50 平方千米");
    expect(lengthWords(345.6).zh).toBe("346 米");
    expect(lengthWords(1_234).zh).toBe("1.23 千米");
  });
  it("goes to GeoJSON and back", () => {
    const corners: Position[] = [[110, 28], [110.01, 28], [110, 28.01]];
    expect(cornersOf(polygonOf(corners))).toEqual(corners);
    expect(cornersOf({ type: "MultiPolygon", coordinates: [] })).toBeNull();
  });
});
