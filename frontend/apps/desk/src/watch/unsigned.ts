/** Which duty room's handover is not signed tonight, told to whoever should see to it first. */
import type { DutyRoom } from "@fengsui/api";

export interface Unsigned {
  /** One's own to sign, else the room of the widest place. */
  first: DutyRoom;
  more: number;
}

/** A county's code ends in more zeros than a township's. */
const isWider = (one: DutyRoom): number => /0*$/.exec(one.place_code)?.[0].length ?? 0;

export function unsignedTonight(rooms: readonly DutyRoom[]): Unsigned | null {
  const open = rooms.filter((one) => one.is_unsigned);
  const [first] = [...open].sort((a, b) => Number(b.may_sign) - Number(a.may_sign) || isWider(b) - isWider(a));
  return first ? { first, more: open.length - 1 } : null;
}
