/** Asking again without being told: the stream may be cut without anybody noticing. */
export const POLL_MILLISECONDS = 20_000;
/** Many phones hear the same change at once; they must not all ask in the same moment. */
const SPREAD_MILLISECONDS = 800;

/**
 * Calls back when it is worth asking the box: the stream says so, the network or the page comes
 * back, or the poll is due. A hidden page asks nothing, and neither does a phone that saves its battery.
 */
export function watchBox(ask: () => void, topics: () => string[], isQuiet: () => boolean = () => false): () => void {
  let stream: EventSource | null = null;
  let heard = "";
  let spread: ReturnType<typeof setTimeout> | null = null;

  const soon = (): void => {
    if (spread !== null) return;
    spread = setTimeout(() => {
      spread = null;
      // The phone may have begun to save its battery since.
      if (isQuiet()) listen();
      else ask();
    }, Math.random() * SPREAD_MILLISECONDS);
  };
  const listen = (): void => {
    if (isQuiet()) {
      stream?.close();
      stream = null;
      return;
    }
    const wanted = topics().join(",");
    if (stream !== null && stream.readyState !== EventSource.CLOSED && wanted === heard) return;
    stream?.close();
    heard = wanted;
    stream = new EventSource(`/api/v1/live?topics=${encodeURIComponent(wanted)}`);
    stream.addEventListener("changed", soon);
  };
  const wake = (): void => {
    if (document.hidden) {
      stream?.close();
      return;
    }
    listen();
    if (!isQuiet()) ask();
  };
  const poll = setInterval(() => {
    if (document.hidden) return;
    listen();
    if (!isQuiet()) ask();
  }, POLL_MILLISECONDS);

  listen();
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  return () => {
    clearInterval(poll);
    stream?.close();
    window.removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wake);
  };
}
