/** What the pages of duty share: the rooms tonight, which one is open, and words of a time. */
import { watchApi, type DutyRoom, type WatchTonight } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { clock, day } from "@fengsui/domain";
import { say } from "@fengsui/ui";
import { computed, ref } from "vue";

export const board = resource<WatchTonight>(() => watchApi.tonight());
export const chosenRoom = ref("");

/** The room that was chosen; else one whose shift is the viewer's, else the first with a rota. */
export const room = computed<DutyRoom | null>(() => {
  const rooms = board.value.value?.rooms ?? [];
  return (
    rooms.find((one) => one.post_id === chosenRoom.value) ??
    rooms.find((one) => one.may_sign) ??
    rooms.find((one) => one.has_rota) ??
    rooms[0] ??
    null
  );
});

export const when = (at: string): string => `${say(day(at))} ${clock(at)}`;
export const roomName = (one: Pick<DutyRoom, "place_name" | "title">): string =>
  one.title.includes(one.place_name) || (one.place_name.endsWith("县") && one.title.startsWith("县")) ? one.title : `${one.place_name}${one.title}`;

export type RoomState = "signed" | "unsigned" | "no_rota";
export const stateOf = (one: DutyRoom): RoomState => (one.is_unsigned ? "unsigned" : one.has_rota && one.responsible ? "signed" : "no_rota");

const DAY_MS = 24 * 3600 * 1000;
const BEIJING_MS = 8 * 3600 * 1000;

export interface DayCell {
  key: string;
  label: string;
  date: number;
  isFirst: boolean;
  hasGap: boolean;
}

/** Beijing days from `from` on, each with whether any gap touches it. */
export function dayCells(from: string, days: number, gaps: readonly { from_at: string; until_at: string }[]): DayCell[] {
  const start = new Date(from).getTime();
  const first = Math.floor((start + BEIJING_MS) / DAY_MS) * DAY_MS - BEIJING_MS;
  const spans = gaps.map((one) => [new Date(one.from_at).getTime(), new Date(one.until_at).getTime()] as const);
  return Array.from({ length: days }, (_, index) => {
    const begins = Math.max(first + index * DAY_MS, start);
    const ends = first + (index + 1) * DAY_MS;
    const local = new Date(first + index * DAY_MS + BEIJING_MS);
    return {
      key: local.toISOString().slice(0, 10),
      label: say(day(first + index * DAY_MS)),
      date: local.getUTCDate(),
      isFirst: index === 0 || local.getUTCDate() === 1,
      hasGap: spans.some(([a, b]) => a < ends && b > begins),
    };
  });
}

/** A word that a row brings in both languages, as `position_zh` and `position_en`. */
export function words<N extends string>(one: Readonly<Record<`${N}_zh` | `${N}_en`, string>>, name: N): string {
  return say({ zh: one[`${name}_zh`], en: one[`${name}_en`] });
}
