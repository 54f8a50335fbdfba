import type { Incident } from "@fengsui/api";
import { expect, it } from "vitest";

import { left, nextReport } from "./reporting";

const incident = (id: string, due_at: string | null): Incident => ({
  id,
  title: id,
  grade: "ordinary",
  profile: "county",
  is_verified: false,
  place_code: "",
  place_name: "",
  where_name: "",
  heard_from: "",
  known_at: "2026-07-16T02:00:00.000Z",
  occurred_at: null,
  entered_at: "2026-07-16T02:00:00.000Z",
  entered_by: "",
  closed_at: null,
  finished_at: null,
  deadlines: [],
  next_due: { kind: "phone", begins_at: "2026-07-16T02:00:00.000Z", due_at, done_at: null, state: "waiting" },
  reports: [],
  corrections: [],
  reopenings: [],
  may_record: true,
});

it("says whole minutes left, and every begun minute of a delay", () => {
  const due = "2026-07-16T02:15:00.000Z";
  expect(left(due, "2026-07-16T02:00:30.000Z")).toEqual({ isLate: false, hours: 0, minutes: 14 });
  expect(left(due, "2026-07-16T02:15:00.000Z")).toEqual({ isLate: false, hours: 0, minutes: 0 });
  expect(left(due, "2026-07-16T02:15:01.000Z")).toEqual({ isLate: true, hours: 0, minutes: 1 });
  expect(left(due, "2026-07-16T00:00:00.000Z")).toEqual({ isLate: false, hours: 2, minutes: 15 });
});

it("names the report that is due first and counts the others", () => {
  expect(nextReport([])).toBeNull();
  expect(nextReport([incident("a", null)])).toBeNull();
  const found = nextReport([incident("a", "2026-07-16T03:00:00.000Z"), incident("b", "2026-07-16T02:15:00.000Z")]);
  expect(found?.incident.id).toBe("b");
  expect(found?.more).toBe(1);
});
