/** Runs a score: adds its steps up to any moment, forwards and backwards. Plain, without Vue or fetch. */
import type { Board, MoveStep, ReplayEvent, ReplayTrack, Score } from "@fengsui/api";
import type { PlaceCallState } from "@fengsui/domain";

/** Where a person stands; the numbers of docs/interfaces/replay.md. */
export const Stand = { notListed: 0, waiting: 1, calling: 2, knock: 3, named: 4, notified: 5, inPerson: 6, answered: 7 } as const;
const STANDS = 8;
const UNIT_STANDS = 4;
const HOUSEHOLD_COLUMNS = 5;
const TRY_COLUMNS = 5;
const CURVE_POINTS_MAX = 240;
const SECOND = 1000;

/** Counts by place and stand; each step is taken or taken back. */
class Moves {
  readonly counts: number[][];
  private next = 0;
  constructor(
    private readonly steps: readonly MoveStep[],
    places: number,
    stands: number,
  ) {
    this.counts = Array.from({ length: places }, () => new Array<number>(stands).fill(0));
  }
  seek(ms: number): void {
    for (let step = this.steps[this.next]; step && step[0] <= ms; step = this.steps[this.next]) {
      this.add(step, 1);
      this.next += 1;
    }
    for (let step = this.steps[this.next - 1]; step && step[0] > ms; step = this.steps[this.next - 1]) {
      this.next -= 1;
      this.add(step, -1);
    }
  }
  private add([, place, before, after, many]: MoveStep, sign: 1 | -1): void {
    const at = this.counts[place];
    if (!at) return;
    at[before] = (at[before] ?? 0) - sign * many;
    at[after] = (at[after] ?? 0) + sign * many;
  }
}

/** Totals by place, from differences. */
class Sums {
  private readonly byPlace: number[][];
  private next = 0;
  constructor(
    private readonly steps: readonly (readonly number[])[],
    places: number,
    private readonly width: number,
  ) {
    this.byPlace = Array.from({ length: places }, () => new Array<number>(width).fill(0));
  }
  /** Over all places, or those that are wanted. */
  totals(isWanted: (place: number) => boolean = () => true): number[] {
    const sums = new Array<number>(this.width).fill(0);
    this.byPlace.forEach((row, place) => {
      if (isWanted(place)) row.forEach((many, column) => (sums[column] = (sums[column] ?? 0) + many));
    });
    return sums;
  }
  seek(ms: number): void {
    for (let step = this.steps[this.next]; step && (step[0] ?? 0) <= ms; step = this.steps[this.next]) {
      this.add(step, 1);
      this.next += 1;
    }
    for (let step = this.steps[this.next - 1]; step && (step[0] ?? 0) > ms; step = this.steps[this.next - 1]) {
      this.next -= 1;
      this.add(step, -1);
    }
  }
  private add(step: readonly number[], sign: 1 | -1): void {
    const row = this.byPlace[step[1] ?? -1];
    if (!row) return;
    for (let column = 0; column < this.width; column += 1) {
      row[column] = (row[column] ?? 0) + sign * (step[column + 2] ?? 0);
    }
  }
}

interface Playing {
  track: ReplayTrack;
  calls: Moves;
  units: Moves;
  moved: Sums;
  channels: { channel: string; sums: Sums }[];
  reached: [number, number][];
}

export class Player {
  readonly length: number;
  private readonly epoch: number;
  private readonly playing: Playing[];

  constructor(readonly score: Score) {
    this.epoch = Date.parse(score.begins_at);
    this.length = Date.parse(score.ends_at) - this.epoch;
    this.playing = score.tracks.map((track) => ({
      track,
      calls: new Moves(track.calls, score.places.length, STANDS),
      units: new Moves(track.units, score.places.length, UNIT_STANDS),
      moved: new Sums(track.evacuation ?? [], score.places.length, HOUSEHOLD_COLUMNS),
      channels: track.channels.map(({ channel, steps }) => ({ channel, sums: new Sums(steps, score.places.length, TRY_COLUMNS) })),
      reached: reachedBy(track.calls),
    }));
  }

  /** The board of one track as it stood `ms` after the night's beginning. */
  board(index: number, ms: number): Board | null {
    const one = this.playing[index];
    if (!one?.track.callout_id) return null;
    one.calls.seek(ms);
    const counts = sumOf(one.calls.counts);
    const settled = counts[Stand.notified] + counts[Stand.inPerson] + counts[Stand.answered];
    const called = counts.slice(1).reduce((sum, many) => sum + many, 0);
    const openedAt = this.epoch + one.track.opened_ms;
    const state = stateAt(one.track.states, ms);
    const closed = state === "open" ? null : (one.track.states.filter(([at, word]) => at <= ms && word === state).at(-1)?.[0] ?? null);
    return {
      callout: {
        id: one.track.callout_id,
        alert_id: one.track.alert_id ?? "",
        state,
        level: one.track.level,
        exercise: one.track.exercise,
        opened_at: new Date(openedAt).toISOString(),
        closed_at: closed === null ? null : new Date(this.epoch + closed).toISOString(),
        now: new Date(Math.max(this.epoch + ms, openedAt)).toISOString(),
      },
      called,
      answered: counts[Stand.answered],
      unanswered: called - settled,
      reached_in_person: counts[Stand.inPerson],
      unreached_named: counts[Stand.named],
      needs_support: one.track.support.filter((at) => at <= ms).length,
      units: this.units(one, ms),
      curve: curveAt(one.reached, one.track.opened_ms, ms),
      projected_seconds: null,
      by_place: this.places(one, ms),
      by_rung: [],
      by_channel: this.channels(index, ms),
      evacuation: this.moved(one, ms),
      policy: { answer_within_s: one.track.answer_within_s },
    };
  }

  /** Which channel was tried how often by then, and what came of it; `under`: a place code, for a part. */
  channels(index: number, ms: number, under = ""): Board["by_channel"] {
    const isUnder = (place: number): boolean => (this.score.places[place]?.code ?? "").startsWith(under);
    return (this.playing[index]?.channels ?? []).flatMap(({ channel, sums }) => {
      sums.seek(ms);
      const [tries = 0, delivered = 0, acknowledged = 0, failed = 0, beside = 0] = sums.totals(isUnder);
      return tries ? [{ channel, tries, beside, delivered, acknowledged, failed }] : [];
    });
  }

  /** 应叫, 已应, 未应 of every track at a moment. */
  totals(ms: number): { called: number; reached: number; open: number; state: string }[] {
    return this.playing.map((one) => {
      one.calls.seek(ms);
      const counts = sumOf(one.calls.counts);
      const called = counts.slice(1).reduce((sum, many) => sum + many, 0);
      const reached = counts[Stand.notified] + counts[Stand.inPerson] + counts[Stand.answered];
      return { called, reached, open: called - reached, state: ms < one.track.opened_ms ? "before" : stateAt(one.track.states, ms) };
    });
  }

  /** [share of the night, share of everybody called who was reached], for the line above the slider. */
  profile(index: number): [number, number][] {
    const one = this.playing[index];
    const total = one?.track.calls.reduce((sum, [, , before, , many]) => sum + (before === 0 ? many : 0), 0) ?? 0;
    if (!one || !total) return [];
    return thinned(one.reached).map(([at, many]) => [Math.min(Math.max(at / this.length, 0), 1), many / total]);
  }

  private units(one: Playing, ms: number): Board["units"] {
    one.units.seek(ms);
    const counts = sumOf(one.units.counts);
    const unanswered = this.score.places.flatMap((place, index): Board["units"]["unanswered"] => {
      const at = one.units.counts[index] ?? [];
      if (at[1]) return [{ ...place, state: "waiting" as const }];
      return at[2] ? [{ ...place, state: "acknowledged" as const }] : [];
    });
    return { called: counts[1] + counts[2] + counts[3], acknowledged: counts[2] + counts[3], answered: counts[3], unanswered };
  }

  private places(one: Playing, ms: number): Board["by_place"] {
    const isLate = ms > one.track.opened_ms + one.track.answer_within_s * SECOND;
    return this.score.places.flatMap((place, index) => {
      const at = one.calls.counts[index] ?? [];
      const called = at.slice(1).reduce((sum, many) => sum + many, 0);
      if (!called) return [];
      const answered = (at[Stand.notified] ?? 0) + (at[Stand.inPerson] ?? 0) + (at[Stand.answered] ?? 0);
      const unanswered = called - answered;
      let state: PlaceCallState = "calling";
      if (!unanswered) state = "answered";
      else if (at[Stand.named] || (isLate && !answered)) state = "unanswered";
      return [{ ...place, called, answered, unanswered, state }];
    });
  }

  private moved(one: Playing, ms: number): Board["evacuation"] {
    if (!one.track.evacuation_id || !one.track.evacuation) return null;
    one.moved.seek(ms);
    const [should = 0, moved = 0, away = 0, , needs_help_left = 0] = one.moved.totals();
    return { should, moved, away, not_yet: should - moved - away, needs_help_left };
  }
}

function sumOf(counts: readonly number[][]): [number, number, number, number, number, number, number, number] {
  const sums: [number, number, number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const row of counts) row.forEach((many, stand) => (sums[stand] = (sums[stand] ?? 0) + many));
  return sums;
}

function stateAt(states: readonly [number, string][], ms: number): Board["callout"]["state"] {
  return (states.filter(([at]) => at <= ms).at(-1)?.[1] ?? "open") as Board["callout"]["state"];
}

function reachedBy(steps: readonly MoveStep[]): [number, number][] {
  const points: [number, number][] = [];
  let total = 0;
  for (const [at, , before, after, many] of steps) {
    if (after < Stand.notified || before >= Stand.notified) continue;
    total += many;
    if (points.at(-1)?.[0] === at) points[points.length - 1] = [at, total];
    else points.push([at, total]);
  }
  return points;
}

/** As the live board gives it: whole seconds since the opening, and how many had been reached. */
function curveAt(reached: readonly [number, number][], openedMs: number, ms: number): [number, number][] {
  const elapsed = Math.max(0, Math.floor((ms - openedMs) / SECOND));
  const past = thinned(reached.filter(([at]) => at <= ms)).map(([at, many]): [number, number] => [Math.max(0, Math.floor((at - openedMs) / SECOND)), many]);
  return [[0, 0], ...past, [elapsed, past.at(-1)?.[1] ?? 0]];
}

function thinned<P>(points: readonly P[]): P[] {
  const stride = Math.ceil(points.length / CURVE_POINTS_MAX);
  return stride < 2 ? [...points] : points.filter((_, index) => index % stride === 0 || index === points.length - 1);
}

/** The event to jump to from a moment; decisions only, if asked. */
export function eventAfter(events: readonly ReplayEvent[], ms: number): ReplayEvent | null {
  return events.find((event) => event.ms > ms) ?? null;
}
export function eventBefore(events: readonly ReplayEvent[], ms: number): ReplayEvent | null {
  return events.filter((event) => event.ms < ms).at(-1) ?? null;
}

/** The last step that had happened by a moment (ms since 1970), or null before the first. */
export function stepAt<S extends readonly [number, ...unknown[]]>(steps: readonly S[], at: number): S | null {
  let found: S | null = null;
  for (const step of steps) {
    if (step[0] > at) break;
    found = step;
  }
  return found;
}

/** Beijing's noon before a moment names the night: 2026-07-16T18:10Z belongs to 2026-07-16. */
export function nightOf(moment: string): string {
  return new Date(Date.parse(moment) - 4 * 3600 * SECOND).toISOString().slice(0, 10);
}
