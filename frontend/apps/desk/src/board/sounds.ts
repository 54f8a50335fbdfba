/** What is worth a sound, found by comparing two boards; every signal has its rhythm, its mark and its word. */
import type { Board, Deadline } from "@fengsui/api";

export type SignalKind = "support" | "alarm" | "named" | "deadline" | "silent" | "finished";

/** Notes as [Hz, start s, length s]. Told apart by rhythm first: not everybody hears pitch. */
export const NOTES: Record<SignalKind, readonly (readonly [number, number, number])[]> = {
  support: [[660, 0, 0.12], [660, 0.18, 0.12], [880, 0.36, 0.3]],
  alarm: [[440, 0, 0.5], [440, 0.7, 0.5]],
  named: [[330, 0, 0.22], [247, 0.3, 0.4]],
  deadline: [[587, 0, 0.08], [587, 0.14, 0.08], [587, 0.28, 0.08], [587, 0.42, 0.08]],
  silent: [[294, 0, 0.3]],
  finished: [[523, 0, 0.16], [784, 0.2, 0.4]],
};
/** The same without ears: a mark of another shape each. */
export const MARKS: Record<SignalKind, string> = { support: "✚", alarm: "‼", named: "✕", deadline: "◷", silent: "■", finished: "✓" };

export interface Signal {
  kind: SignalKind;
  count: number;
}

/** Gravest first. Nothing on the first look, in a replay, or when another call-out is shown. */
export function signalsBetween(before: Board | null, after: Board): Signal[] {
  if (!before || before.callout.id !== after.callout.id) return [];
  const found: Signal[] = [];
  const grew = (kind: SignalKind, was: number, is: number): void => {
    if (is > was) found.push({ kind, count: is - was });
  };
  grew("support", before.needs_support, after.needs_support);
  grew("alarm", before.alarms?.length ?? 0, after.alarms?.length ?? 0);
  grew("named", before.unreached_named, after.unreached_named);
  grew("deadline", 0, passed(before, after).length);
  grew("silent", reds(before), reds(after));
  if (before.callout.state === "open" && after.callout.state === "finished") found.push({ kind: "finished", count: after.called });
  return found;
}

const reds = (board: Board): number => board.by_place.filter((place) => place.state === "unanswered").length;

/** Deadlines that ran out between the two looks while somebody was still open. */
function passed(before: Board, after: Board): Deadline[] {
  const from = Date.parse(before.callout.now);
  const until = Date.parse(after.callout.now);
  return (after.deadlines ?? []).filter((one) => Date.parse(one.at) > from && Date.parse(one.at) <= until);
}

