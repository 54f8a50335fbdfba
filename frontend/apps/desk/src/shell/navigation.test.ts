import { expect, it } from "vitest";

import { GROUPS, linkOf, mayOpen, menuFor, pages } from "./navigation";

it("every screen has a name and an address of its own, and both languages", () => {
  expect(new Set(pages.map((page) => page.name)).size).toBe(pages.length);
  expect(new Set(pages.map((page) => page.path)).size).toBe(pages.length);
  for (const page of pages) expect(page.zh && page.en, page.name).toBeTruthy();
});

it("a screen with a blank in its address is never in the menu", () => {
  for (const page of pages.filter((one) => one.group)) expect(linkOf(page), page.name).not.toContain(":");
});

it("the menu leaves out what one may not open, and groups that are then empty", () => {
  const component = pages[0]?.component ?? (() => Promise.reject(new Error("no pages")));
  const all = [
    { name: "a", path: "/a", zh: "甲", en: "A", group: "people", permission: "manage_accounts", component },
    { name: "b", path: "/b", zh: "乙", en: "B", group: "night", component },
    { name: "c", path: "/c", zh: "丙", en: "C", group: "system", permission: ["see_places", "manage_accounts"], component },
  ] as const;
  expect(menuFor([], all).map((group) => group.key)).toEqual(["night"]);
  expect(menuFor(["see_places"], all).map((group) => group.key)).toEqual(["night", "system"]);
  expect(menuFor(["manage_accounts"], all).flatMap((group) => group.pages.map((page) => page.name))).toEqual(["b", "a", "c"]);
  expect(mayOpen({}, [])).toBe(true);
});

it("the groups stand in the order of the day's work", () => {
  expect(GROUPS.map((group) => group.zh)).toEqual(["值守", "台账", "人员", "系统"]);
});
