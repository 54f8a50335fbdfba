/** Statements of a situation: written on the phone first, then handed over until the box answers. */
import { newClientId } from "./clientId";
import { NetworkCut, Refusal, type FieldTransport } from "./transport";
import type { Problem } from "./types";

export type StatementKind = "moved_first" | "sos" | "headcount";

export interface StatementAnswer {
  outcome: string;
  id: string;
  alert_id?: string | null;
  evacuation_id?: string | null;
}

export interface Statement {
  /** Made here and sent along: the box takes the same id once, however often it is sent. */
  id: string;
  person_id: string;
  kind: StatementKind;
  body: Record<string, unknown>;
  /** When it was said, by the box's clock as last known; ms since 1970. */
  at: number;
  state: "waiting" | "received" | "refused";
  settled_at: number | null;
  answer: StatementAnswer | null;
  problem: Problem | null;
}

/** Where statements are kept; a browser's `localStorage`. */
export type StatementStore = Pick<Storage, "getItem" | "setItem">;
export type StatementRoundEnd = "done" | "cut" | "signed_out";

const KEY = "fengsui.statements";
/** What was handed over is shown for a night and a day, then leaves the phone. */
const KEEP_SETTLED_MILLISECONDS = 36 * 3600 * 1000;
const PATHS: Record<StatementKind, string> = {
  moved_first: "/situation/moved-first",
  sos: "/situation/sos",
  headcount: "/situation/headcounts",
};

/** Whether asking again may end otherwise: the box was busy, or a session has to come first. */
function isNoJudgement(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}

export class Statements {
  private sending = false;

  constructor(
    private readonly store: StatementStore,
    private readonly transport: Pick<FieldTransport, "state">,
  ) {}

  /** Of one person, the newest first. */
  all(personId: string): Statement[] {
    return this.kept()
      .filter((one) => one.person_id === personId)
      .toSorted((a, b) => b.at - a.at);
  }

  /** Throws when the phone cannot store it: then it was not said. */
  write(personId: string, kind: StatementKind, said: Record<string, unknown>, at: number): Statement {
    const id = newClientId();
    const named = kind === "sos" ? { sos_id: id } : { client_id: id };
    const body = { ...said, ...named, at: new Date(at).toISOString() };
    const made: Statement = {
      id,
      person_id: personId,
      kind,
      body,
      at,
      state: "waiting",
      settled_at: null,
      answer: null,
      problem: null,
    };
    const kept = this.kept().filter(
      (one) => one.state === "waiting" || at - (one.settled_at ?? at) < KEEP_SETTLED_MILLISECONDS,
    );
    this.store.setItem(KEY, JSON.stringify([...kept, made]));
    return made;
  }

  /** Hands over what waits, the oldest first. `cut` and `signed_out` leave the rest waiting. */
  async sendRound(personId: string, now: () => number): Promise<StatementRoundEnd> {
    if (this.sending) return "done";
    this.sending = true;
    try {
      for (const one of this.all(personId).toReversed()) {
        if (one.state !== "waiting") continue;
        const end = await this.send(one, now);
        if (end !== "done") return end;
      }
      return "done";
    } finally {
      this.sending = false;
    }
  }

  private async send(one: Statement, now: () => number): Promise<StatementRoundEnd> {
    try {
      const answer = await this.transport.state<StatementAnswer>(PATHS[one.kind], one.body);
      this.settle({ ...one, state: "received", answer, settled_at: now() });
    } catch (error) {
      if (error instanceof NetworkCut) return "cut";
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 401) return "signed_out";
      if (isNoJudgement(error.status)) return "cut";
      this.settle({ ...one, state: "refused", problem: error.problem, settled_at: now() });
    }
    return "done";
  }

  /** Read again before writing: another tab may have added one meanwhile. */
  private settle(changed: Statement): void {
    const kept = this.kept().map((one) => (one.id === changed.id ? changed : one));
    this.store.setItem(KEY, JSON.stringify(kept));
  }

  private kept(): Statement[] {
    try {
      const found: unknown = JSON.parse(this.store.getItem(KEY) ?? "[]");
      return Array.isArray(found) ? (found as Statement[]) : [];
    } catch {
      return [];
    }
  }
}
