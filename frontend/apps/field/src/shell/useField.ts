import type {
  Conflict,
  Draft,
  FieldSession,
  Frame,
  OutboxRow,
  PhoneKey,
  Problem,
  SelfRescueTaken,
  SenderState,
  Shown,
  Snapshot,
  StorageState,
  Taken,
  Upstream,
} from "@fengsui/data";
import { inject, type ComputedRef, type InjectionKey, type Ref } from "vue";

import type { Emptied } from "../device/emptied";

/** A request that takes longer is called slow in words; it goes on. */
export const SLOW_MILLISECONDS = 4_000;
/** A list older than this is not shown any more: people have moved, and the phone may be in other hands. */
export const LIST_DAYS_MAX = 14;

/** What the whole screen is: `ready` has something to show, even if the box is out of reach. */
export type Phase = "starting" | "ready" | "signed_out" | "unreachable" | "not_allowed";
export type Link = "ok" | "slow" | "cut";

export interface Field {
  phase: Ref<Phase>;
  session: Ref<FieldSession | null>;
  /** The session ended while the person works: the list stays, sending waits. */
  signedOut: Ref<boolean>;
  snapshot: Ref<Snapshot | null>;
  rows: Ref<OutboxRow[]>;
  shown: ComputedRef<Shown | null>;
  link: Ref<Link>;
  sending: Ref<SenderState | null>;
  /** The box's own words for why it shows nothing. */
  problem: Ref<Problem | null>;
  notStored: Ref<boolean>;
  othersWaiting: Ref<number>;
  /** This person's rows, and what the phone carries for others, that the box does not have. */
  waiting: ComputedRef<OutboxRow[]>;
  /** Read from other phones' screens, of other people. */
  carried: Ref<OutboxRow[]>;
  conflicts: ComputedRef<Conflict[]>;
  /** The last list is older than LIST_DAYS_MAX. */
  listIsOld: ComputedRef<boolean>;
  key: Ref<PhoneKey | null>;
  upstream: Ref<{ value: Upstream; at: number } | null>;
  storage: Ref<StorageState | null>;
  emptied: Ref<Emptied | null>;
  /** Nothing is asked for by itself: the battery is low. */
  quiet: Ref<boolean>;
  refused: ComputedRef<OutboxRow[]>;
  /** A moment of the phone's clock, by the clock of the box. */
  boxTime(phone: number): number;
  record(draft: Draft): Promise<OutboxRow | null>;
  note(clientId: string): Promise<void>;
  carry(frame: Frame): Promise<Taken>;
  readEmptied(): Promise<void>;
  sendNow(): Promise<void>;
  refresh(): Promise<void>;
  signInByLink(link: string): Promise<Problem | null>;
  signOut(): Promise<void>;
  start(): Promise<void>;
  selfRescue(placeCode: string, text: string): Promise<SelfRescueTaken>;
  dutyRoom(): Promise<string>;
}

export const fieldKey: InjectionKey<Field> = Symbol("field");

export function useField(): Field {
  const field = inject(fieldKey);
  if (field === undefined) throw new Error("startField() was not provided");
  return field;
}

/** The token of `https://box/link/TOKEN`, or the text itself when only the token was pasted. */
export function tokenOf(link: string): string {
  const text = link.trim();
  return /\/link\/([^/?#\s]+)/.exec(text)?.[1] ?? text;
}
