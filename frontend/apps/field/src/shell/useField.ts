import {
  boxClock,
  FieldDatabase,
  httpTransport,
  NetworkCut,
  Outbox,
  overlay,
  Refusal,
  Sender,
  watchOutbox,
  type Draft,
  type FieldSession,
  type FieldTransport,
  type OutboxRow,
  type Problem,
  type SelfRescueTaken,
  type SenderState,
  type Shown,
  type Snapshot,
} from "@fengsui/data";
import { computed, inject, ref, shallowRef, type ComputedRef, type InjectionKey, type Ref } from "vue";

import { tonightIs } from "../tonight/words";
import { watchBox } from "./watchBox";

/** A request that takes longer is called slow in words; it goes on. */
export const SLOW_MILLISECONDS = 4_000;

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
  waiting: ComputedRef<OutboxRow[]>;
  refused: ComputedRef<OutboxRow[]>;
  /** A moment of the phone's clock, by the clock of the box. */
  boxTime(phone: number): number;
  record(draft: Draft): Promise<OutboxRow | null>;
  note(clientId: string): Promise<void>;
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

/** What the stream has to tell this phone about. */
function topicsOf(snapshot: Snapshot | null): string[] {
  const evacuation = snapshot?.tonight.evacuation_id;
  return evacuation ? ["alerts", `evacuation:${evacuation}`] : ["alerts"];
}

const CUT: Problem = {
  code: "cut",
  zh: "连不上村里。走到有信号的地方再试。",
  en: "The village box cannot be reached. Try where there is signal.",
};

/** One phone, one person, one box: wires outbox, sender, snapshot and connection together. */
export function startField(
  transport: FieldTransport = httpTransport(),
  database: FieldDatabase = new FieldDatabase(),
  watch: typeof watchBox = watchBox,
): Field {
  const outbox = new Outbox(database);
  const phase = ref<Phase>("starting");
  const session = shallowRef<FieldSession | null>(null);
  const signedOut = ref(false);
  const snapshot = shallowRef<Snapshot | null>(null);
  const rows = shallowRef<OutboxRow[]>([]);
  const link = ref<Link>("ok");
  const sending = shallowRef<SenderState | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const notStored = ref(false);
  const othersWaiting = ref(0);

  let sender: Sender | null = null;
  let stopWatchingRows: () => void = () => undefined;
  let refreshing = false;

  const boxTime = (phone: number): number => boxClock(snapshot.value, phone);
  const personId = (): string => session.value?.person?.id ?? "";
  const shown = computed(() => (snapshot.value === null ? null : overlay(snapshot.value, rows.value)));
  const waiting = computed(() => rows.value.filter((row) => row.state === "waiting"));
  const refused = computed(() => rows.value.filter((row) => row.state === "refused" && !row.noted));

  async function asked<T>(request: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => (link.value = "slow"), SLOW_MILLISECONDS);
    try {
      const answer = await request();
      link.value = "ok";
      return answer;
    } catch (error) {
      link.value = error instanceof NetworkCut ? "cut" : "ok";
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async function belongTo(next: FieldSession): Promise<void> {
    const changed = next.person?.id !== session.value?.person?.id;
    session.value = next;
    await database.holders.put({ key: "holder", session: next });
    if (changed || sender === null) await takeOver();
  }

  /** From here on this phone works for the person of the session. */
  async function takeOver(): Promise<void> {
    const id = personId();
    sender?.stop();
    stopWatchingRows();
    snapshot.value = (await database.snapshots.get(id)) ?? null;
    rows.value = await outbox.all(id);
    tonightIs(boxTime(Date.now()));
    stopWatchingRows = watchOutbox(outbox, id, (now) => (rows.value = now));
    othersWaiting.value = await outbox.waitingOfOthers(id);
    sender = new Sender(outbox, transport, id, (state, round) => {
      sending.value = state;
      if (round === null) return;
      if (round.end === "cut") link.value = "cut";
      if (round.end === "signed_out") signedOut.value = true;
      if (round.received + round.refused > 0) {
        link.value = "ok";
        void refresh();
      }
    });
    if (snapshot.value !== null) phase.value = "ready";
  }

  function showRefusal(refusal: Refusal): void {
    if (refusal.status === 401) {
      signedOut.value = true;
      if (snapshot.value === null) phase.value = "signed_out";
      return;
    }
    problem.value = refusal.problem;
    if (snapshot.value === null) phase.value = refusal.status < 500 ? "not_allowed" : "unreachable";
  }

  async function refresh(): Promise<void> {
    if (refreshing || !session.value?.person) return;
    refreshing = true;
    const asked_at = Date.now();
    const id = personId();
    try {
      const tonight = await asked(() => transport.tonight());
      if (id !== personId()) return;
      const next: Snapshot = { person_id: id, tonight, asked_at, got_at: Date.now() };
      snapshot.value = next;
      tonightIs(boxTime(Date.now()));
      phase.value = "ready";
      signedOut.value = false;
      problem.value = null;
      await database.snapshots.put(next).catch(() => undefined);
    } catch (error) {
      if (error instanceof Refusal) showRefusal(error);
      else if (error instanceof NetworkCut) {
        if (snapshot.value === null) phase.value = "unreachable";
      } else throw error;
    } finally {
      refreshing = false;
    }
  }

  async function start(): Promise<void> {
    phase.value = "starting";
    const holder = await database.holders.get("holder").catch(() => undefined);
    if (holder !== undefined) {
      session.value = holder.session;
      await takeOver();
    }
    try {
      const next = await asked(() => transport.session());
      if (next.person === null) {
        signedOut.value = true;
        if (snapshot.value === null) phase.value = "signed_out";
        return;
      }
      await belongTo(next);
    } catch (error) {
      if (!session.value?.person) {
        problem.value = error instanceof Refusal ? error.problem : null;
        phase.value = "unreachable";
        return;
      }
    }
    await refresh();
    await outbox.prune().catch(() => undefined);
    await sender?.kick();
  }

  async function sendNow(): Promise<void> {
    await sender?.kick();
    await refresh();
  }

  async function record(draft: Draft): Promise<OutboxRow | null> {
    try {
      const row = await outbox.write(personId(), draft, boxTime(Date.now()));
      rows.value = await outbox.all(personId());
      notStored.value = false;
      void sender?.kick();
      return row;
    } catch {
      notStored.value = true;
      return null;
    }
  }

  async function signInByLink(text: string): Promise<Problem | null> {
    try {
      const next = await asked(() => transport.signInByLink(tokenOf(text)));
      signedOut.value = false;
      await belongTo(next);
    } catch (error) {
      if (error instanceof Refusal) return error.problem;
      return CUT;
    }
    await sendNow();
    return null;
  }

  /** The list of households leaves the phone; what was not delivered stays until it is. */
  async function signOut(): Promise<void> {
    await transport.signOut().catch(() => undefined);
    sender?.stop();
    stopWatchingRows();
    await database.snapshots.delete(personId());
    await database.holders.delete("holder");
    sender = null;
    session.value = null;
    snapshot.value = null;
    rows.value = [];
    signedOut.value = true;
    phase.value = "signed_out";
  }

  watch(
    () => void sendNow(),
    () => topicsOf(snapshot.value),
  );
  void navigator.storage?.persist?.();
  void start();

  return {
    phase,
    session,
    signedOut,
    snapshot,
    rows,
    shown,
    link,
    sending,
    problem,
    notStored,
    othersWaiting,
    waiting,
    refused,
    boxTime,
    record,
    note: (clientId) => outbox.note(clientId),
    sendNow,
    refresh,
    signInByLink,
    signOut,
    start,
    selfRescue: (placeCode, text) => asked(() => transport.selfRescue(placeCode, text)),
    dutyRoom: () => transport.dutyRoom(),
  };
}
