import type { PhoneKey } from "./items/phoneKey";
import type {
  FieldSession,
  Problem,
  Reach,
  SelfRescueTaken,
  SendReply,
  Tonight,
  Upstream,
  WireItem,
} from "./types";

/** What the phone asks of the village box. Tests pass a fake; the app passes `httpTransport`. */
export interface FieldTransport {
  session(): Promise<FieldSession>;
  signInByLink(token: string): Promise<FieldSession>;
  signOut(): Promise<void>;
  tonight(): Promise<Tonight>;
  send(items: WireItem[]): Promise<SendReply>;
  /** Ties the public half of the key to the person who is signed in. */
  enrol(key: PhoneKey): Promise<void>;
  /** A new session by the key; `signature` is over SESSION_CONTEXT, key id and `at_ms`. */
  signInByKey(keyId: string, atMs: number, signature: string): Promise<FieldSession>;
  /** The time by the box, ms: what `signInByKey` has to sign. */
  boxNow(): Promise<number>;
  reach(keyId: string): Promise<Reach>;
  upstream(): Promise<Upstream>;
  /** Calls the people of one place at once. Never kept for later: it is for now. */
  selfRescue(place_code: string, text: string): Promise<SelfRescueTaken>;
  /** The number of the duty room, as everybody may read it. */
  dutyRoom(): Promise<string>;
  /** Any other answer of the box: a path under /api/v1. */
  read<T>(path: string): Promise<T>;
  /** Any other statement to the box: a path under /api/v1. */
  state<T>(path: string, body: unknown): Promise<T>;
}

/** The box could not be reached, or did not answer in time. Nothing is known about the request. */
export class NetworkCut extends Error {
  override name = "NetworkCut";
}

/** The box answered, and said no. `status` decides what the phone does next. */
export class Refusal extends Error {
  override name = "Refusal";
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(`${status} ${problem.code}`);
  }
}
