import { isFinal, wireOf, type Outbox } from "./outbox";
import { NetworkCut, Refusal, type FieldTransport } from "./transport";

/** Entries in one request: small enough for a link that carries a few kilobytes a second. */
export const ENTRIES_PER_REQUEST = 50;
/** Waits after the first, second, … failure; the last one repeats. */
export const WAITS_MILLISECONDS = [2_000, 5_000, 10_000, 20_000, 30_000] as const;

export type RoundEnd =
  /** Nothing is waiting. */
  | "empty"
  /** The box was not reached. */
  | "cut"
  /** The box answered but cannot take anything now (5xx, 429). */
  | "busy"
  /** The session is over; the rows wait. */
  | "signed_out";

export interface Round {
  end: RoundEnd;
  received: number;
  refused: number;
}

function isSignedOut(error: Refusal): boolean {
  return error.status === 401;
}

/** 404 and the like say that the box is not there, not that an entry is wrong. */
function isAboutTheEntries(error: Refusal): boolean {
  return [400, 409, 413, 422].includes(error.status);
}

/**
 * Sends until nothing waits or something stands in the way. Rows go in the order they were written.
 * If the box refuses a whole request, it is sent again row by row, so that one bad row cannot hold
 * up the others.
 */
export async function sendRound(outbox: Outbox, transport: FieldTransport, personId: string): Promise<Round> {
  const round: Round = { end: "empty", received: 0, refused: 0 };
  let oneByOne = 0;
  await outbox.seal();
  // Rows the box stumbled over in this round wait for the next one and let the others pass.
  const stumbled = new Set<string>();
  for (;;) {
    const rows = await outbox.waiting(personId, oneByOne > 0 ? 1 : ENTRIES_PER_REQUEST, stumbled);
    if (rows.length === 0) return stumbled.size > 0 ? { ...round, end: "busy" } : round;
    try {
      const reply = await transport.send(rows.map(wireOf));
      const settled = await outbox.settle(reply.results);
      round.received += settled.received;
      round.refused += settled.refused;
      const before = stumbled.size;
      for (const result of reply.results) if (!isFinal(result)) stumbled.add(result.client_id);
      // A box that answers without a word on our rows must not keep the phone asking for ever.
      if (settled.received + settled.refused === 0 && stumbled.size === before) return { ...round, end: "busy" };
      if (oneByOne > 0) oneByOne -= 1;
    } catch (error) {
      if (error instanceof NetworkCut) return { ...round, end: "cut" };
      if (!(error instanceof Refusal)) throw error;
      if (isSignedOut(error)) return { ...round, end: "signed_out" };
      if (!isAboutTheEntries(error)) return { ...round, end: "busy" };
      const only = rows.length === 1 ? rows[0] : undefined;
      if (only !== undefined) {
        await outbox.refuse(only.client_id, error.problem);
        round.refused += 1;
        if (oneByOne > 0) oneByOne -= 1;
      } else {
        oneByOne = rows.length;
      }
    }
  }
}

export interface SenderState {
  /** A request is under way. */
  sending: boolean;
  end: RoundEnd | null;
  /** Local clock in ms of the last time the box took something or had nothing to take. */
  last_emptied_at: number | null;
  next_try_at: number | null;
}

/** Calls `sendRound` now, and again by itself after a failure, each time a little later. */
export class Sender {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private again = false;
  private failures = 0;
  private stopped = false;
  state: SenderState = { sending: false, end: null, last_emptied_at: null, next_try_at: null };

  constructor(
    private readonly outbox: Outbox,
    private readonly transport: FieldTransport,
    private readonly personId: string,
    private readonly tell: (state: SenderState, round: Round | null) => void,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** Send now. Called during a round it asks for one more, never for two at once. */
  async kick(): Promise<void> {
    if (this.stopped) return;
    if (this.state.sending) {
      this.again = true;
      return;
    }
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.set({ sending: true, next_try_at: null }, null);
    let round: Round;
    try {
      round = await sendRound(this.outbox, this.transport, this.personId);
    } catch {
      // IndexedDB itself failed (closed, storage gone): try again, nothing was marked.
      round = { end: "busy", received: 0, refused: 0 };
    }
    if (this.stopped) return;
    const emptied = round.end === "empty";
    this.failures = emptied ? 0 : this.failures + 1;
    let nextTryAt: number | null = null;
    if (round.end === "cut" || round.end === "busy") {
      const step = Math.min(this.failures, WAITS_MILLISECONDS.length) - 1;
      const wait = WAITS_MILLISECONDS[step] ?? 30_000;
      nextTryAt = this.now() + wait;
      this.timer = setTimeout(() => void this.kick(), wait);
    }
    this.set(
      {
        sending: false,
        end: round.end,
        next_try_at: nextTryAt,
        ...(emptied ? { last_emptied_at: this.now() } : {}),
      },
      round,
    );
    if (this.again) {
      this.again = false;
      await this.kick();
    }
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private set(change: Partial<SenderState>, round: Round | null): void {
    this.state = { ...this.state, ...change };
    this.tell(this.state, round);
  }
}
