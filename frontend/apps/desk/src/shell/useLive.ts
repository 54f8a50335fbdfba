/** Keeps a screen fresh: the live stream says what changed; while it is down, asking every few seconds replaces it. */
import { openLive } from "@fengsui/api";
import { onScopeDispose, shallowRef, watch } from "vue";

const POLL_WHILE_LOST_MS = 4_000;
/** A dead line can look open; asking now and then finds out. */
const POLL_WHILE_LIVE_MS = 10_000;
const GATHER_MS = 700;

export type Connection = "connecting" | "live" | "polling" | "cut";
export const connection = shallowRef<Connection>("connecting");
/** Clock time of the node at the last good answer. */
export const lastGoodMs = shallowRef<number | null>(null);

/** How many screens follow the stream just now; where none does, there is no connection to speak of. */
export const followers = shallowRef(0);

export function reportFetch(succeeded: boolean, atMs: number): void {
  if (succeeded) {
    lastGoodMs.value = atMs;
    if (connection.value === "cut") connection.value = "polling";
  } else {
    connection.value = "cut";
  }
}

/** Calls `refresh` soon after any change of the topics, at most once per `GATHER_MS`, with the topics that changed.
    An empty set means: anything may have changed. */
export function useLive(topics: () => string[], refresh: (changed: ReadonlySet<string>) => void): void {
  followers.value += 1;
  let close: (() => void) | null = null;
  let gather: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;

  let changed = new Set<string>();
  let anything = false;

  const soon = (topic = ""): void => {
    if (topic) changed.add(topic);
    else anything = true;
    gather ??= setTimeout(() => {
      gather = undefined;
      refresh(anything ? new Set() : changed);
      changed = new Set();
      anything = false;
    }, GATHER_MS);
  };
  const pollEvery = (milliseconds: number): void => {
    clearInterval(poll);
    poll = setInterval(() => refresh(new Set()), milliseconds);
  };
  function start(list: string[]): void {
    close?.();
    pollEvery(POLL_WHILE_LIVE_MS);
    close = openLive(list, {
      changed: ({ topic }) => {
        connection.value = "live"; // news over the stream proves the stream
        soon(topic);
      },
      connected: () => {
        connection.value = "live";
        pollEvery(POLL_WHILE_LIVE_MS);
        soon();
      },
      lost: () => {
        if (connection.value !== "cut") connection.value = "polling";
        pollEvery(POLL_WHILE_LOST_MS);
        soon();
      },
    });
  }
  watch(
    () => topics().join(","),
    (joined) => start(joined.split(",")),
    { immediate: true },
  );
  watch(connection, (now, before) => {
    pollEvery(now === "live" ? POLL_WHILE_LIVE_MS : POLL_WHILE_LOST_MS);
    // The old stream may hang half-open after a cut; a fresh one is the only proof that news comes again.
    if (before === "cut" && now !== "cut") start(topics());
  });
  const backOnline = (): void => soon();
  window.addEventListener("online", backOnline);
  onScopeDispose(() => {
    followers.value -= 1;
    window.removeEventListener("online", backOnline);
    close?.();
    clearTimeout(gather);
    clearInterval(poll);
  });
}
