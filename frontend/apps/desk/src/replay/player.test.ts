import type { ReplayEvent, ReplayTrack, Score } from "@fengsui/api";
import { describe, expect, it } from "vitest";

import spec from "../../../../../spec/replay.json";
import { eventAfter, eventBefore, nightOf, Player, stepAt } from "./player";

const track = {
  alert_id: "1", callout_id: "2", evacuation_id: "3", level: "red", kind: "official_warning", category: "11B03", category_name: "暴雨",
  area_description: "", self_rescue: false, headline: "示意", exercise: true, opened_at: "2026-07-16T18:09:55Z", opened_ms: -5000, answer_within_s: 600,
  states: [[-5000, "open"], [2_500_000, "finished"]], calls: spec.steps, units: [[-5000, 0, 0, 1, 1], [30_000, 0, 1, 2, 1], [40_000, 0, 2, 3, 1]],
  support: [30_000], channels: [{ channel: "voice", steps: spec.channel_steps }], evacuation: spec.household_steps,
} as unknown as ReplayTrack; // prettier-ignore
const score: Score = {
  night: "2026-07-16", begins_at: "2026-07-16T18:10:00Z", ends_at: "2026-07-16T19:00:00Z", is_running: false,
  places: [{ code: "439901101201", name: "石滩村" }, { code: "439901101202", name: "枫坪村" }], tracks: [track], events: [], events_left_out: 0, facts: 9,
}; // prettier-ignore

const frameAt = (player: Player, ms: number) => {
  const board = player.board(0, ms);
  if (!board) throw new Error("no board");
  const { called, answered, reached_in_person, unreached_named, unanswered } = board;
  return { ms, called, answered, reached_in_person, unreached_named, unanswered, places: board.by_place.map((place) => place.state) };
};

describe("the player", () => {
  it("shows the example of the interface at every moment", () => {
    const player = new Player(score);
    for (const frame of spec.frames) expect(frameAt(player, frame.ms)).toEqual(frame);
    for (const frame of spec.household_frames) {
      const { ms, ...totals } = frame;
      expect(player.board(0, ms)?.evacuation).toEqual(totals);
    }
  });

  it("shows which channel reached people, of all or of one village", () => {
    const player = new Player(score);
    for (const { ms, ...counts } of [...spec.channel_frames].reverse()) {
      expect(player.board(0, ms)?.by_channel).toEqual([{ channel: "voice", ...counts }]);
    }
    expect(player.channels(0, 60_000, "439901101202")).toEqual([{ channel: "voice", tries: 1, beside: 0, delivered: 1, acknowledged: 1, failed: 0 }]);
    expect(player.channels(0, -1)).toEqual([]);
  });

  it("says the same of a moment whichever way it came there", () => {
    const moments = [...spec.frames.map((frame) => frame.ms), 0, 45_000, 70_000, 120_000];
    const fresh = new Map(moments.map((ms) => [ms, JSON.stringify(new Player(score).board(0, ms))]));
    const player = new Player(score);
    for (let turn = 0; turn < 200; turn += 1) {
      const ms = moments[(turn * 7 + (turn >> 2)) % moments.length] ?? 0;
      expect(JSON.stringify(player.board(0, ms))).toBe(fresh.get(ms));
    }
  });

  it("counts units, support and the end as of then", () => {
    const player = new Player(score);
    const early = player.board(0, 10_000);
    expect([early?.units.called, early?.units.answered, early?.needs_support, early?.callout.state]).toEqual([1, 0, 0, "open"]);
    expect(early?.units.unanswered[0]?.state).toBe("waiting");
    const late = player.board(0, 2_600_000);
    expect([late?.units.answered, late?.needs_support, late?.callout.state]).toEqual([1, 1, "finished"]);
    expect(late?.callout.closed_at).toBe("2026-07-16T18:51:40.000Z");
    expect(late?.curve.at(-1)?.[1]).toBe(4);
  });
});

it("jumps to the event before and after, not to the one it stands on", () => {
  const events = [1000, 5000, 9000].map((ms) => ({ ms }) as ReplayEvent);
  expect([eventAfter(events, 5000)?.ms, eventBefore(events, 5000)?.ms]).toEqual([9000, 1000]);
  expect([eventAfter(events, 9000), eventBefore(events, 1000)]).toEqual([null, null]);
});

it("finds the last step of a person", () => {
  const steps: [number, string][] = [[10, "a"], [20, "b"]]; // prettier-ignore
  expect([stepAt(steps, 9), stepAt(steps, 10)?.[1], stepAt(steps, 99)?.[1]]).toEqual([null, "a", "b"]);
});

it("names a night after the day it begins", () => {
  expect([nightOf("2026-07-16T18:10:00Z"), nightOf("2026-07-16T03:59:59Z")]).toEqual(["2026-07-16", "2026-07-15"]);
});
