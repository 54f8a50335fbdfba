import { describe, expect, it } from "vitest";

import { fileDigest } from "./fileDigest";

describe("the hash of a file", () => {
  it("is that of FIPS 180-4, whatever the size of the pieces", async () => {
    expect(await fileDigest(new Blob(["abc"]))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(await fileDigest(new Blob([]))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const million = new Blob(["a".repeat(3_000_000)]);
    const parts: number[] = [];
    const whole = await fileDigest(million, (part) => parts.push(part));
    expect(whole).toMatch(/^[0-9a-f]{64}$/);
    expect(parts.at(-1)).toBe(1);
    expect(parts.length).toBe(3);
  });
});
