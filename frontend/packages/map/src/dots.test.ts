import { describe, expect, it } from "vitest";

import spec from "../../../../spec/dots.json";
import { BrokenDotsError, dotFeatures, readDots } from "./dots";

interface Examples {
  examples: { with_counts: boolean; dots: [number, number, number][]; hex: string }[];
}
const { examples } = spec as unknown as Examples;
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

describe("the feed of all households", () => {
  it.each(examples)("is read as it was written: $hex", ({ with_counts, dots, hex }) => {
    const read = readDots(bytesOf(hex));
    expect(read.areCells).toBe(with_counts);
    expect(Array.from(read.lon, (lon, at) => [lon, read.lat[at], read.households[at]])).toEqual(
      dots.map(([lon, lat, households]) => [Math.floor(lon / 10) / 1e6, Math.floor(lat / 10) / 1e6, households]),
    );
    expect(dotFeatures(read).features).toHaveLength(dots.length);
  });
  it.each(["", "46534432", "4653443100", "46534431000180", "46534431009c40"])("refuses what is broken: %s", (hex) => {
    expect(() => readDots(bytesOf(hex))).toThrow(BrokenDotsError);
  });
});
