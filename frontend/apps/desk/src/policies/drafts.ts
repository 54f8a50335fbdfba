/** A policy as it is edited: minutes in the fields, seconds on the wire; what a change would do is said, not guessed. */
import type { CallPolicy, PolicyRung, RungWho } from "@fengsui/api";

export const WHO: readonly RungWho[] = ["holder", "deputy", "substitute", "duty_phone", "superior_duty_room", "in_person"];
export const CHANNELS = ["voice", "sms", "in_app", "email"] as const;
export const BESIDE: readonly RungWho[] = ["deputy", "substitute", "duty_phone", "superior_duty_room"];
export const RUNGS_MAX = 8;
export const TRIES_MAX = 12;
export const COUNTS_AT_NIGHT: ReadonlySet<string> = new Set(["voice"]);

/** By way of JSON: what stands in a `ref` is a proxy, and proxies cannot be cloned. */
export const copyOf = (policy: CallPolicy): CallPolicy => JSON.parse(JSON.stringify(policy)) as CallPolicy;

const IGNORED: ReadonlySet<string> = new Set(["label_zh", "source", "clause", "verified", "version", "name"]);
/** Whether two policies ring alike: labels and versions say nothing of that. */
export function isSame(one: CallPolicy, other: CallPolicy): boolean {
  const plain = (policy: CallPolicy): string =>
    JSON.stringify(
      Object.entries(policy)
        .filter(([key]) => !IGNORED.has(key))
        .sort(([a], [b]) => a.localeCompare(b)),
    );
  return plain(one) === plain(other);
}

export function newRung(who: RungWho): PolicyRung {
  const isDoor = who === "in_person";
  return {
    who,
    channels: isDoor ? [] : ["voice"],
    otherwise: isDoor ? [] : ["in_app"],
    tries: isDoor ? 0 : 1,
    spacing_s: isDoor ? 0 : 120,
    patience_s: isDoor ? 1800 : 60,
    word_zh: "",
    word_en: "",
    together: [],
    together_only_at_night: true,
  };
}
/** The next rung somebody may add: one that is not there yet; the door stays last. */
export function missingRungs(policy: CallPolicy): RungWho[] {
  const there = new Set(policy.rungs.map((rung) => rung.who));
  return WHO.filter((who) => who !== "holder" && !there.has(who));
}
export function withRung(policy: CallPolicy, who: RungWho): CallPolicy {
  const draft = copyOf(policy);
  const last = draft.rungs.at(-1);
  if (who !== "in_person" && last?.who === "in_person") draft.rungs.splice(-1, 0, newRung(who));
  else draft.rungs.push(newRung(who));
  return draft;
}
export function withoutRung(policy: CallPolicy, index: number): CallPolicy {
  const draft = copyOf(policy);
  draft.rungs.splice(index, 1);
  return draft;
}
export function withToggled(list: readonly string[], one: string, order: readonly string[]): string[] {
  const next = new Set(list);
  if (!next.delete(one)) next.add(one);
  return order.filter((each) => next.has(each));
}

export const LEVELS = ["county", "township", "village", "group"] as const;
export type HandingLevel = (typeof LEVELS)[number];
/** Whether this colour goes down level by level: only red, and telling that it is over, call everybody at once. */
export function goesByLevel(policy: CallPolicy, usual: CallPolicy): boolean {
  if (policy.name === "red" || policy.name === "cancelled") return false;
  return policy.needs_answer || Object.keys(usual.hand_on_s).length > 0;
}
/** An emptied field stays empty: the desk that saves it is told which row wants a time. */
export function withLevel(policy: CallPolicy, level: HandingLevel, minutes: string): CallPolicy {
  const next = copyOf(policy);
  const { [level]: before, ...others } = next.hand_on_s;
  const after = secondsOf(minutes, minutes.trim() === "" ? 0 : (before ?? 0));
  next.hand_on_s = after > 0 ? { ...others, [level]: after } : others;
  return next;
}

/** Seconds from the first ring to the moment somebody is sent, if nobody answers; null where nobody ever is. */
export function secondsToTheDoor(policy: CallPolicy): number | null {
  let seconds = 0;
  for (const rung of policy.rungs) {
    if (rung.who === "in_person") return seconds;
    seconds += rung.tries * rung.spacing_s;
  }
  return null;
}

export type Advice = "no_door" | "no_deputy" | "night_without_voice" | "slower_than_default" | "late_door" | "silent_night_channel";
const LATE_DOOR_S = 30 * 60;
/** What a careful colleague would ask before saying yes. Nothing of it forbids saving. */
export function advice(policy: CallPolicy, usual: CallPolicy): Advice[] {
  const isGrave = policy.colour === "red" || policy.colour === "orange";
  const door = secondsToTheDoor(policy);
  const found: Advice[] = [];
  if (isGrave && door === null) found.push("no_door");
  if (isGrave && !policy.rungs.some((rung) => rung.who === "deputy")) found.push("no_deputy");
  if (isGrave && !policy.night_needs_voice) found.push("night_without_voice");
  if (isGrave && door !== null && door > LATE_DOOR_S) found.push("late_door");
  if (policy.answer_within_s > usual.answer_within_s || policy.start_within_s > usual.start_within_s) found.push("slower_than_default");
  const first = policy.rungs[0];
  if (policy.night_needs_voice && first && !first.channels.some((one) => COUNTS_AT_NIGHT.has(one))) found.push("silent_night_channel");
  return found;
}

/** Whole minutes as a field shows them; what is no number leaves the value alone. */
export function minutesOf(seconds: number): string {
  return String(Math.round((seconds / 60) * 10) / 10);
}
export function secondsOf(minutes: string, before: number): number {
  const value = Number.parseFloat(minutes);
  return Number.isFinite(value) && value > 0 ? Math.round(value * 60) : before;
}
