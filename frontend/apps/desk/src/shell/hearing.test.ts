import { expect, it } from "vitest";

import { mayHear } from "./hearing";

it("an auditor asks for warnings and calls, not for households", () => {
  const auditor = ["see_places", "see_alerts", "see_calls", "verify_record", "read_sign_ins"];
  expect(["alerts", "callout:4562429987312167041", "evacuations", "watch"].filter((topic) => mayHear(topic, auditor))).toEqual([
    "alerts",
    "callout:4562429987312167041",
  ]);
});

it("a topic that nobody knows is not asked for", () => {
  expect(mayHear("secrets", ["see_alerts"])).toBe(false);
  expect(mayHear("", ["see_alerts"])).toBe(false);
});
