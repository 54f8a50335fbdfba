import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { keyDeed } from "./keys";

/** What has the focus, by the one selector that is true of it. */
const focused = (selector: string): EventTarget =>
  ({ matches: (asked: string) => asked === selector, closest: (asked: string) => asked.split(", ").includes(selector) || null }) as unknown as EventTarget;
const pressed = (key: string, target: EventTarget | null = null) => keyDeed({ key, target, altKey: false, ctrlKey: false, metaKey: false });

describe("the keys of a replay", () => {
  beforeAll(() => vi.stubGlobal("document", { body: {} }));
  afterAll(() => vi.unstubAllGlobals());

  it("wind on after a button was clicked, which keeps the blank for itself", () => {
    const button = focused("button");
    expect(["ArrowRight", "ArrowLeft", "End", "Home", "PageDown", "PageUp"].map((key) => pressed(key, button))).toEqual([10_000, -10_000, "last", "first", "next", "previous"]);
    expect(pressed(" ", button)).toBeNull();
    expect(pressed(" ")).toBe("toggle");
  });

  it("belong to a tab, a list, a field and the map where these have the focus", () => {
    for (const selector of ["[role=tab]", "[tabindex='0']", "input", "select", "canvas"]) {
      expect(pressed("End", focused(selector))).toBeNull();
      expect(pressed(" ", focused(selector))).toBeNull();
    }
  });

  it("leave the slider its arrows and play by the blank", () => {
    const slider = focused("input[type=range]");
    expect([pressed(" ", slider), pressed("PageDown", slider), pressed("ArrowRight", slider)]).toEqual(["toggle", "next", null]);
  });
});
