import type { FieldEntry, FieldSession, Problem, SelfRescueTaken, SendReply, Tonight } from "./types";

/** What the phone asks of the village box. Tests pass a fake; the app passes `httpTransport`. */
export interface FieldTransport {
  session(): Promise<FieldSession>;
  signInByLink(token: string): Promise<FieldSession>;
  signOut(): Promise<void>;
  tonight(): Promise<Tonight>;
  send(entries: FieldEntry[]): Promise<SendReply>;
  /** Calls the people of one place at once. Never kept for later: it is for now. */
  selfRescue(place_code: string, text: string): Promise<SelfRescueTaken>;
  /** The number of the duty room, as everybody may read it. */
  dutyRoom(): Promise<string>;
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
