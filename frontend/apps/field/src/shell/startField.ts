import {
  askToKeep,
  boxClock,
  conflictsOf,
  FieldDatabase,
  httpTransport,
  learnErased,
  NetworkCut,
  Outbox,
  overlay,
  Refusal,
  Sender,
  watchCarried,
  watchOutbox,
  type Draft,
  type FieldSession,
  type FieldTransport,
  type Frame,
  type OutboxRow,
  type PhoneKey,
  type Problem,
  type SenderState,
  type Snapshot,
  type StorageState,
  type Taken,
  type Upstream,
} from "@fengsui/data";
import { computed, ref, shallowRef, watch } from "vue";

import { findEmptied, learnReceived, markThePlaces, type Emptied } from "../device/emptied";
import { enrolKey, keyFor, sessionByKey } from "../device/phoneKey";
import { learnDutyRoom } from "../rescue/dutyRoom";
import { keep, readKept } from "../situation/phoneStore";
import { statusWord, tonightIs } from "../tonight/words";
import { LIST_DAYS_MAX, SLOW_MILLISECONDS, tokenOf, type Field, type Link, type Phase } from "./useField";
import { watchBox } from "./watchBox";

/** Up to when this phone has forgotten what was erased at the box. */
const ERASED_KEY = "fengsui.field.erased";
const DAY_MILLISECONDS = 24 * 3600 * 1000;
const LOOK_AT_AGE_MILLISECONDS = 30_000;

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
  watchTheBox: typeof watchBox = watchBox,
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
  const carried = shallowRef<OutboxRow[]>([]);
  const key = shallowRef<PhoneKey | null>(null);
  const upstream = shallowRef<{ value: Upstream; at: number } | null>(null);
  const storage = shallowRef<StorageState | null>(null);
  const emptied = shallowRef<Emptied | null>(null);
  const quiet = ref(false);
  const lookedAt = ref(Date.now());

  let sender: Sender | null = null;
  let stopWatchingRows: () => void = () => undefined;
  let refreshing = false;
  let knowsDutyRoom = false;

  const boxTime = (phone: number): number => boxClock(snapshot.value, phone);
  const personId = (): string => session.value?.person?.id ?? "";
  const shown = computed(() => (snapshot.value === null ? null : overlay(snapshot.value, rows.value)));
  const waiting = computed(() => [...rows.value, ...carried.value].filter((row) => row.state === "waiting"));
  const refused = computed(() => rows.value.filter((row) => row.state === "refused" && !row.noted));

  const conflicts = computed(() => (shown.value === null ? [] : conflictsOf(shown.value, rows.value)));
  const listIsOld = computed(
    () => snapshot.value !== null && lookedAt.value - snapshot.value.got_at > LIST_DAYS_MAX * DAY_MILLISECONDS,
  );

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
    const person = next.person;
    if (person === null) return;
    key.value = await enrolKey(database, transport, person.id).catch(() => key.value);
    await learnReceived(emptied, transport, person.id);
  }

  /** The browser's session is over, the phone's key is not: it opens a new one. */
  async function cameBackByKey(): Promise<boolean> {
    try {
      const next = await sessionByKey(database, transport, personId());
      if (next === null || next.person === null) return false;
      signedOut.value = false;
      await belongTo(next);
      return true;
    } catch (error) {
      if (error instanceof Refusal) problem.value = error.problem;
      return false;
    }
  }

  /** From here on this phone works for the person of the session. */
  async function takeOver(): Promise<void> {
    const id = personId();
    key.value = await keyFor(database, id).catch(() => null);
    sender?.stop();
    stopWatchingRows();
    snapshot.value = (await database.snapshots.get(id)) ?? null;
    rows.value = await outbox.all(id);
    tonightIs(boxTime(Date.now()));
    const stopOwn = watchOutbox(outbox, id, (now) => (rows.value = now));
    const ofOthers = (all: OutboxRow[]): void => void (carried.value = all.filter((row) => row.person_id !== id));
    const stopCarried = watchCarried(outbox, ofOthers);
    stopWatchingRows = () => [stopOwn, stopCarried].forEach((stop) => stop());
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
    let again = false;
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
      lookedAt.value = Date.now();
      await database.snapshots.put(next).catch(() => undefined);
      void learnErased(database, transport, readKept(ERASED_KEY, "")).then(
        (next) => keep(ERASED_KEY, next),
        () => undefined,
      );
      if (!knowsDutyRoom) void learnDutyRoom(() => transport.dutyRoom()).then(() => (knowsDutyRoom = true));
      void transport.upstream().then(
        (value) => (upstream.value = { value, at: Date.now() }),
        () => undefined,
      );
    } catch (error) {
      if (error instanceof Refusal) again = error.status === 401 && !signedOut.value && (await cameBackByKey());
      if (error instanceof Refusal && !again) showRefusal(error);
      else if (again) return;
      else if (error instanceof NetworkCut) {
        if (snapshot.value === null) phase.value = "unreachable";
      } else throw error;
    } finally {
      refreshing = false;
      if (again) await refresh();
    }
  }

  async function start(): Promise<void> {
    phase.value = "starting";
    emptied.value = await findEmptied(database).catch(() => null);
    const holder = await database.holders.get("holder").catch(() => undefined);
    if (holder !== undefined) {
      session.value = holder.session;
      await takeOver();
    }
    try {
      const next = await asked(() => transport.session());
      if (next.person !== null) await belongTo(next);
      else if (!(await cameBackByKey())) {
        signedOut.value = true;
        if (snapshot.value === null) phase.value = "signed_out";
        // A signature needs no session: what was recorded goes out all the same.
        await sender?.kick();
        return;
      }
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
      if (key.value !== null) {
        key.value = await keyFor(database, personId());
        markThePlaces(key.value, session.value?.person?.name ?? "");
      }
      notStored.value = false;
      void sender?.kick();
      return row;
    } catch {
      notStored.value = true;
      return null;
    }
  }

  function carriedLabel(entry: { household_id?: string; status?: OutboxRow["entry"]["status"] }): string {
    const households = snapshot.value?.tonight.groups.flatMap((group) => group.households) ?? [];
    const label = households.find((one) => one.id === entry.household_id)?.label;
    return label ?? (entry.status ? statusWord(entry.status) : "");
  }

  async function carry(frame: Frame): Promise<Taken> {
    const taken = await outbox.carry(frame.who, frame.items, carriedLabel);
    if (taken.added > 0) void sender?.kick();
    return taken;
  }

  async function readEmptied(): Promise<void> {
    // Gone from the screen only when it is gone for good: else a reload shows it once more.
    await database.notes.delete("emptied");
    emptied.value = null;
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

  watchTheBox(
    () => void sendNow(),
    () => topicsOf(snapshot.value),
    () => quiet.value,
  );
  setInterval(() => (lookedAt.value = Date.now()), LOOK_AT_AGE_MILLISECONDS);
  watch(quiet, (isQuiet) => !isQuiet && void sendNow());
  void askToKeep(navigator.storage).then((state) => (storage.value = state));
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
    carried,
    conflicts,
    listIsOld,
    key,
    upstream,
    storage,
    emptied,
    quiet,
    refused,
    boxTime,
    record,
    note: (clientId) => outbox.note(clientId),
    carry,
    readEmptied,
    sendNow,
    refresh,
    signInByLink,
    signOut,
    start,
    selfRescue: (placeCode, text) => asked(() => transport.selfRescue(placeCode, text)),
    dutyRoom: () => transport.dutyRoom(),
  };
}
