import { fakeChance } from "../testChance";
import { describe, expect, it } from "vitest";

import { fromBase45, toBase45 } from "./base45";
import { FRAME_BYTES_MAX, readFrame, toFrames, type SignedItem } from "./frames";
import { codeOf, readPixels } from "./picture";

const item = (number: number): SignedItem => ({
  body: `{"at":1784225400000,"device":"${"a".repeat(32)}","entry":{"confirmed_by":"儿子","household_id":"${number}","kind":"household_status","status":"away"},"id":"00000000-0000-4000-8000-${String(number).padStart(12, "0")}","n":${number},"person":"1234567890123456789","v":1}`,
  signature: "A".repeat(86),
});
const items = (count: number): SignedItem[] => Array.from({ length: count }, (_, index) => item(index + 1));

/** A code as a camera sees it: squares of several pixels and a white border. */
function photograph(squares: boolean[][], pixelsPerSquare = 4, border = 4): { pixels: Uint8ClampedArray; side: number } {
  const side = (squares.length + 2 * border) * pixelsPerSquare;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  squares.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (!dark) return;
      for (let dy = 0; dy < pixelsPerSquare; dy += 1)
        for (let dx = 0; dx < pixelsPerSquare; dx += 1) {
          const at = (((y + border) * pixelsPerSquare + dy) * side + (x + border) * pixelsPerSquare + dx) * 4;
          pixels.fill(0, at, at + 3);
        }
    }),
  );
  return { pixels, side };
}

describe("items as QR codes", () => {
  it("give back what went in, each frame by itself", () => {
    const made = items(9);
    const frames = toFrames("示意丙", made).map(readFrame);
    const read = frames.flatMap((frame) => (typeof frame === "string" ? [] : frame.items));
    expect(read).toEqual(made);
    for (const frame of frames) {
      if (typeof frame === "string") throw new Error(frame);
      expect(frame.who).toBe("示意丙");
      expect(frame.count).toBe(frames.length);
    }
  });

  it("keep every frame small enough for a cheap camera", () => {
    for (const text of toFrames("示意丙", items(20))) {
      expect(text.length).toBeLessThan((FRAME_BYTES_MAX * 3) / 2 + 40);
      expect(text).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
    }
  });

  it("say when a frame is damaged, and when a code is something else", () => {
    const [text = ""] = toFrames("示意丙", items(1));
    expect(readFrame("https://example.invalid")).toBe("not_ours");
    for (let index = 40; index < text.length; index += 29) {
      const other = text[index] === "A" ? "B" : "A";
      expect(readFrame(text.slice(0, index) + other + text.slice(index + 1))).toBe("damaged");
    }
    expect(readFrame(text.slice(0, -3))).toBe("damaged");
  });

  it("make no frame of nothing", () => {
    expect(toFrames("示意丙", [])).toEqual([]);
  });

  it("are read back from a picture", async () => {
    for (const text of toFrames("示意丙", items(3))) {
      const { pixels, side } = photograph(await codeOf(text));
      expect(await readPixels(pixels, side, side)).toBe(text);
    }
  });

  it("find nothing in a picture of nothing", async () => {
    expect(await readPixels(new Uint8ClampedArray(40 * 40 * 4).fill(200), 40, 40)).toBeNull();
  });
});

describe("Base45", () => {
  it("is that of RFC 9285", () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(toBase45(bytes("AB"))).toBe("BB8");
    expect(toBase45(bytes("Hello!!"))).toBe("%69 VD92EX0");
    expect(toBase45(bytes("base-45"))).toBe("UJCLQE7W581");
    expect(fromBase45("QED8WEX0")).toEqual(bytes("ietf!"));
    for (const wrong of ["A", ":::", "::", "a1b", "ABCD"]) expect(fromBase45(wrong)).toBeNull();
  });

  it("gives back any bytes", () => {
    const chance = fakeChance(45);
    for (let round = 0; round < 300; round += 1) {
      const bytes = Uint8Array.from({ length: round % 60 }, () => Math.floor(chance() * 256));
      expect(fromBase45(toBase45(bytes))).toEqual(bytes);
    }
  });
});
