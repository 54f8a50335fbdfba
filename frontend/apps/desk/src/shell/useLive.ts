/** Keeps a screen fresh: the live stream says what changed; while it is down, asking every few seconds replaces it. */
import { openLive } from "@fengsui/api";
import { computed, onScopeDispose, shallowRef, watch } from "vue";

import { mayHear } from "./hearing";
import { session } from "./useSession";

const POLL_WHILE_LOST_MS = 4_000;
/** A dead line can look open; asking now and then finds out. */
const POLL_WHILE_LIVE_MS = 10_000;
/** The first change after a quiet while is asked for at once; what comes with it is let arrive first. */
const GATHER_MS = 40;
/** Then at most so often, and not before the last answer came; a busy node is given as long again as it took, up to a bound. */
const GAP_MS = 400;
const GAP_LAST_MS = 1_000;

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

/** Calls `refresh` at once when something changed, and then in bounded steps, with the topics that changed.
    An empty set means: anything may have changed. */
export function useLive(topics: () => string[], refresh: (changed: ReadonlySet<string>) => void | Promise<void>): void {
  const heard = computed(() => topics().filter((topic) => mayHear(topic, session.value.value?.permissions ?? [])));
  let isFollower = false;
  const follow = (now: boolean): void => {
    if (now !== isFollower) followers.value += now ? 1 : -1;
    isFollower = now;
  };
  let close: (() => void) | null = null;
  let gather: ReturnType<typeof setTimeout> | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;

  let changed = new Set<string>();
  let anything = false;
  let nextAllowedMs = 0;

  async function ask(): Promise<void> {
    const [wanted, beganMs] = [anything ? new Set<string>() : changed, performance.now()];
    changed = new Set();
    anything = false;
    nextAllowedMs = beganMs + GAP_MS;
    await refresh(wanted);
    const tookMs = performance.now() - beganMs;
    nextAllowedMs = beganMs + Math.min(Math.max(GAP_MS, 2 * tookMs), GAP_LAST_MS);
  }
  const soon = (topic = ""): void => {
    if (topic) changed.add(topic);
    else anything = true;
    gather ??= setTimeout(() => {
      gather = undefined;
      void ask();
    }, Math.max(GATHER_MS, nextAllowedMs - performance.now()));
  };
  const pollEvery = (milliseconds: number): void => {
    clearInterval(poll);
    poll = setInterval(() => void refresh(new Set()), milliseconds);
  };
  function start(list: string[]): void {
    close?.();
    close = null;
    pollEvery(POLL_WHILE_LIVE_MS);
    follow(list.length > 0);
    if (list.length === 0) return;
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
    () => heard.value.join(","),
    () => start(heard.value),
    { immediate: true },
  );
  watch(connection, (now, before) => {
    pollEvery(now === "live" ? POLL_WHILE_LIVE_MS : POLL_WHILE_LOST_MS);
    // The old stream may hang half-open after a cut; a fresh one is the only proof that news comes again.
    if (before === "cut" && now !== "cut") start(heard.value);
  });
  const backOnline = (): void => soon();
  window.addEventListener("online", backOnline);
  onScopeDispose(() => {
    follow(false);
    window.removeEventListener("online", backOnline);
    close?.();
    clearTimeout(gather);
    clearInterval(poll);
  });
}
