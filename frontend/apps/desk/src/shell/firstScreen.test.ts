import { expect, it } from "vitest";

import { firstScreen } from "./firstScreen";

const SEES = ["see_places", "see_alerts"];

it("each role starts where its own question is answered", () => {
  expect(firstScreen(["duty_leader"], SEES, true)).toBe("leader");
  expect(firstScreen(["duty_leader"], SEES, false)).toBe("desk");
  expect(firstScreen(["duty_officer"], SEES, true)).toBe("desk");
  expect(firstScreen(["township_officer"], SEES, true)).toBe("township");
  expect(firstScreen(["township_officer", "duty_officer"], SEES, false)).toBe("desk");
  expect(firstScreen(["a county's own role"], SEES, false)).toBe("desk");
});

it("who administers the machine does not land on the night's map", () => {
  expect(firstScreen(["security_administrator"], ["see_places", "see_people", "manage_accounts"], false)).toBe("accounts");
  expect(firstScreen(["auditor"], ["see_places", "see_alerts", "see_calls", "read_sign_ins"], true)).toBe("audit");
  expect(firstScreen(["system_administrator"], ["see_places", "manage_system"], false)).toBe("mine");
  expect(firstScreen([], [], false)).toBe("mine");
});
