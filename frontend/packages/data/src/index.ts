/** Server state for screens: fetch, keep the last good answer, say how old it is. */
export * from "./resource";

/** What a phone holds while the network is away, and how it hands it over. */
export * from "./types";
export { boxClock, CLOCK_TOLERATED_MILLISECONDS } from "./boxClock";
export { conflictsOf, type Conflict } from "./conflicts";
export { newClientId } from "./clientId";
export { FieldDatabase, type Holder, type OutboxRow, type OutboxState, type Snapshot } from "./database";
export { fileDigest } from "./fileDigest";
export { forgetErased, learnErased, type ErasedHere } from "./forgetting";
export { httpTransport } from "./httpTransport";
export { codeOf, ownDetector, readPixels } from "./codes/picture";
export { readFrame, toFrames, type Frame, type FrameTrouble, type SignedItem } from "./codes/frames";
export { SESSION_CONTEXT } from "./items/body";
export { makePhoneKey, sign, type KeyKeeper, type PhoneKey } from "./items/phoneKey";
export { askToKeep, type Keeping, type StorageState } from "./storage/keep";
export { clearMark, readMark, writeMark, type Mark, type MarkPlaces } from "./storage/mark";
export { KEEP_RECEIVED_MILLISECONDS, Outbox, watchCarried, watchOutbox, wireOf, type Draft, type Taken } from "./outbox";
export {
  isFinished,
  overlay,
  share,
  type LaterChange,
  type Shown,
  type ShownAnswer,
  type ShownGroup,
  type ShownHousehold,
  type Standing,
} from "./overlay";
export {
  ENTRIES_PER_REQUEST,
  Sender,
  sendRound,
  WAITS_MILLISECONDS,
  type Round,
  type RoundEnd,
  type SenderState,
} from "./sender";
export {
  Statements,
  type Statement,
  type StatementAnswer,
  type StatementKind,
  type StatementRoundEnd,
  type StatementStore,
} from "./statements";
export { NetworkCut, Refusal, type FieldTransport } from "./transport";
