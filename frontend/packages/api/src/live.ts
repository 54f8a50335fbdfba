/** The live stream: says only *that* something changed; whoever listens fetches it. */
import { address } from "./client";

export interface LiveChange {
  topic: string;
  revision: number;
}
export interface LiveHandlers {
  changed: (change: LiveChange) => void;
  connected: () => void;
  lost: () => void;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 15_000;
/** The server beats every 15 s, but a beat is a comment that EventSource hides: silence shows as an error event. */
export function openLive(topics: readonly string[], handlers: LiveHandlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_FIRST_MS;
  let closed = false;

  function connect(): void {
    if (closed) return;
    source = new EventSource(address("/live", { topics: topics.join(",") }));
    source.onopen = () => {
      wait = RETRY_FIRST_MS;
      handlers.connected();
    };
    source.addEventListener("changed", (event) => {
      try {
        handlers.changed(JSON.parse((event as MessageEvent<string>).data) as LiveChange);
      } catch {
        handlers.changed({ topic: "", revision: 0 }); // unreadable news is still news
      }
    });
    source.onerror = () => {
      source?.close();
      if (closed) return;
      handlers.lost();
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, RETRY_LAST_MS);
    };
  }
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}
