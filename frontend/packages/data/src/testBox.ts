import { NetworkCut, Refusal, type FieldTransport } from "./transport";
import { readBody } from "./items/body";
import type {
  EntryResult,
  FieldEntry,
  FieldSession,
  Problem,
  Reach,
  SelfRescueTaken,
  SendReply,
  Tonight,
  Upstream,
  WireItem,
} from "./types";

/** A village box in memory, for tests: it counts what it was told, and fails on demand. */
export class TestBox implements FieldTransport {
  /** Every entry in the order it was taken, once each. */
  readonly taken: FieldEntry[] = [];
  readonly requests: FieldEntry[][] = [];
  /** What happens to the next requests: `lost_answer` takes the entries and cuts the reply. */
  readonly mishaps: ("cut" | "lost_answer" | "busy" | "signed_out" | "silent")[] = [];
  refuse: (entry: FieldEntry) => Problem | null = () => null;
  /** A body the box cannot read at all. */
  choke: (entry: FieldEntry) => boolean = () => false;
  person: FieldSession["person"] = {
    id: "1",
    name: "示意丙",
    title: "中心户长",
    place_name: "示意村",
  };
  picture: Tonight | null = null;

  async session(): Promise<FieldSession> {
    return { person: this.person, is_demonstration: true };
  }

  async signInByLink(): Promise<FieldSession> {
    return await this.session();
  }

  async signOut(): Promise<void> {
    this.person = null;
  }

  async tonight(): Promise<Tonight> {
    if (this.picture === null) throw new NetworkCut("/field/tonight");
    return this.picture;
  }

  readonly rescues: { place_code: string; text: string }[] = [];

  async selfRescue(place_code: string, text: string): Promise<SelfRescueTaken> {
    const mishap = this.mishaps.shift();
    if (mishap === "cut") throw new NetworkCut("/alerts/self-rescue");
    if (mishap !== undefined) throw new Refusal(403, problem(mishap));
    this.rescues.push({ place_code, text });
    return {
      id: "9",
      callout_id: "10",
      issued_at: "2026-07-16T18:10:00Z",
      area_description: "示意村",
      self_rescue_review_due_at: "2026-07-16T18:25:00Z",
    };
  }

  async dutyRoom(): Promise<string> {
    if (this.mishaps[0] === "cut") throw new NetworkCut("/public/alerts");
    return "00012345678";
  }

  /** What was stated, once for each id; a repetition is answered and not taken again. */
  readonly stated: { path: string; body: Record<string, unknown> }[] = [];

  async read<T>(path: string): Promise<T> {
    throw new NetworkCut(path);
  }

  async state<T>(path: string, body: unknown): Promise<T> {
    const mishap = this.mishaps.shift();
    if (mishap === "cut") throw new NetworkCut(path);
    if (mishap === "busy") throw new Refusal(503, problem("busy"));
    if (mishap === "signed_out") throw new Refusal(401, problem("signed_out"));
    if (mishap === "silent") throw new Refusal(422, problem("unreadable"));
    const said = body as Record<string, unknown>;
    const known = this.stated.some((one) => one.body["client_id"] === said["client_id"]);
    if (!known) this.stated.push({ path, body: said });
    if (mishap === "lost_answer") throw new NetworkCut(path);
    return { outcome: known ? "already_recorded" : "recorded", id: said["client_id"] } as T;
  }

  readonly enrolled: string[] = [];

  async enrol(key: { key_id: string }): Promise<void> {
    this.enrolled.push(key.key_id);
  }

  async signInByKey(): Promise<FieldSession> {
    return await this.session();
  }

  async boxNow(): Promise<number> {
    return Date.parse("2026-07-16T18:12:00Z");
  }

  async reach(): Promise<Reach> {
    return { state: "enrolled", received: this.taken.length, highest_number: this.taken.length };
  }

  async upstream(): Promise<Upstream> {
    throw new NetworkCut("/exchange/upstream");
  }

  async send(items: WireItem[]): Promise<SendReply> {
    const entries = items.map((item) => {
      const read = readBody(item.body);
      if (read === null) throw new Refusal(422, problem("bad_item"));
      return read.entry;
    });
    this.requests.push(entries);
    const mishap = this.mishaps.shift();
    if (mishap === "cut") throw new NetworkCut("/field/entries");
    if (mishap === "busy") throw new Refusal(503, problem("busy"));
    if (mishap === "signed_out") throw new Refusal(401, problem("signed_out"));
    if (mishap === "silent") return { results: [], totals: TOTALS };
    if (entries.some((entry) => this.choke(entry))) throw new Refusal(422, problem("unreadable"));
    const results = entries.map((entry) => this.take(entry));
    if (mishap === "lost_answer") throw new NetworkCut("/field/entries");
    return { results, totals: TOTALS };
  }

  private take(entry: FieldEntry): EntryResult {
    const { client_id } = entry;
    const refusal = this.refuse(entry);
    if (refusal !== null) return { client_id, outcome: "refused", problem: refusal };
    if (this.taken.some((earlier) => earlier.client_id === client_id)) {
      return { client_id, outcome: "already_recorded" };
    }
    this.taken.push(entry);
    return { client_id, outcome: "recorded" };
  }
}

const TOTALS = { should: 0, moved: 0, away: 0, not_yet: 0 };

export function problem(code: string): Problem {
  return { code, zh: `说明 ${code}`, en: `about ${code}` };
}
