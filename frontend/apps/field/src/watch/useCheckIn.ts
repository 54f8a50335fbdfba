/** 报平安 on the phone: one's own watch, and words that could not leave yet, kept with their time. */
import type { MyCheckIn } from "@fengsui/api";
import { NetworkCut, newClientId, Refusal, type FieldTransport, type Problem } from "@fengsui/data";
import { inject, shallowRef, type InjectionKey, type ShallowRef } from "vue";

import { keep, readKept } from "../situation/phoneStore";

export interface Place {
  lon_e7: number;
  lat_e7: number;
  accuracy_m: number;
}
export interface KeptWord extends Partial<Place> {
  /** Whose phone it was then: nobody else's session sends it. */
  person: string;
  check_in_id: string;
  client_id: string;
  at: string;
}
export interface Wanted {
  every_min: number;
  hours: number;
  leader_id: string | null;
  task: string;
}
export interface CheckIns {
  mine: ShallowRef<MyCheckIn | null>;
  kept: ShallowRef<KeptWord[]>;
  /** When the box last took a word, by the box. */
  saidAt: ShallowRef<string>;
  isCut: ShallowRef<boolean>;
  problem: ShallowRef<Problem | null>;
  refresh(): Promise<void>;
  start(wanted: Wanted): Promise<boolean>;
  sayHere(place: Place | null, at: string): Promise<void>;
  end(): Promise<boolean>;
  answer(callId: string): Promise<boolean>;
}

const STORE = "fengsui.check-ins";
const AGAIN_MILLISECONDS = 15_000;
const KEPT_MAX = 200;
/** Refused for what it says: said again it would be refused again. Any other answer keeps it. */
const REFUSED_FOR_GOOD = [404, 409, 422];

export const checkInKey: InjectionKey<CheckIns> = Symbol("check-ins");

export function useCheckIns(): CheckIns {
  const found = inject(checkInKey);
  if (found === undefined) throw new Error("startCheckIns() was not provided");
  return found;
}

export function startCheckIns(transport: Pick<FieldTransport, "read" | "state">, person: () => string): CheckIns {
  const mine = shallowRef<MyCheckIn | null>(null);
  const kept = shallowRef<KeptWord[]>(readKept<KeptWord[]>(STORE, []));
  const saidAt = shallowRef("");
  const isCut = shallowRef(false);
  const problem = shallowRef<Problem | null>(null);
  let isSending = false;

  function setKept(words: KeptWord[]): void {
    kept.value = words.slice(-KEPT_MAX);
    keep(STORE, kept.value);
  }
  const mineFirst = (): KeptWord | undefined => kept.value.find((one) => one.person === person());

  async function tried<T>(request: () => Promise<T>): Promise<T | null> {
    try {
      const value = await request();
      isCut.value = false;
      problem.value = null;
      return value;
    } catch (error) {
      if (error instanceof NetworkCut) isCut.value = true;
      else if (error instanceof Refusal) problem.value = error.problem;
      else throw error;
      return null;
    }
  }
  async function refresh(): Promise<void> {
    if (!person()) return;
    await flush();
    const found = await tried(() => transport.read<MyCheckIn>("/watch/mine"));
    if (found !== null) mine.value = found;
  }
  /** In order, each until the box has taken or refused it; a cut keeps the rest for later. */
  async function flush(): Promise<void> {
    if (isSending) return;
    isSending = true;
    try {
      for (let next = mineFirst(); next; next = mineFirst()) {
        const { check_in_id, client_id, at, lon_e7, lat_e7, accuracy_m } = next;
        const word = { client_id, at, lon_e7, lat_e7, accuracy_m };
        try {
          await transport.state(`/watch/check-ins/${encodeURIComponent(check_in_id)}/words`, word);
          saidAt.value = word.at;
          problem.value = null;
        } catch (error) {
          if (error instanceof NetworkCut) {
            isCut.value = true;
            return;
          }
          if (!(error instanceof Refusal)) throw error;
          problem.value = error.problem;
          if (!REFUSED_FOR_GOOD.includes(error.status)) return;
        }
        isCut.value = false;
        setKept(kept.value.filter((one) => one.client_id !== word.client_id));
      }
    } finally {
      isSending = false;
    }
  }
  async function start(wanted: Wanted): Promise<boolean> {
    const done = await tried(() => transport.state("/watch/check-ins", wanted));
    saidAt.value = "";
    if (done !== null) await refresh();
    return done !== null;
  }
  async function sayHere(place: Place | null, at: string): Promise<void> {
    const own = mine.value?.mine;
    if (!own) return;
    setKept([...kept.value, { person: person(), check_in_id: own.id, client_id: newClientId(), at, ...place }]);
    await refresh();
  }
  async function end(): Promise<boolean> {
    const own = mine.value?.mine;
    if (!own) return false;
    await flush();
    const done = await tried(() => transport.state(`/watch/check-ins/${encodeURIComponent(own.id)}/end`, { outcome: "back", reason: "" }));
    if (done !== null) await refresh();
    return done !== null;
  }
  async function answer(callId: string): Promise<boolean> {
    const done = await tried(() => transport.state(`/calls/${encodeURIComponent(callId)}/answer`, { answer_kind: "on_it" }));
    if (done !== null) await refresh();
    return done !== null;
  }

  if (typeof window !== "undefined") {
    window.addEventListener("online", () => void refresh());
    setInterval(() => {
      if (kept.value.length > 0 || mine.value?.mine) void refresh();
    }, AGAIN_MILLISECONDS);
  }
  return { mine, kept, saidAt, isCut, problem, refresh, start, sayHere, end, answer };
}
