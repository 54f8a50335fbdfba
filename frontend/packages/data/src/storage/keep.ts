/** Whether the browser keeps what is stored here when it runs out of room. */
export type Keeping =
  /** The browser promised. */
  | "kept"
  /** It may throw everything away when the phone is full. */
  | "may_be_dropped"
  /** It cannot say: plain HTTP, or an old browser. */
  | "unknown";

export interface StorageState {
  keeping: Keeping;
  used_bytes: number | null;
  room_bytes: number | null;
}

/** Asks once for a promise to keep; some browsers answer yes only to installed pages. */
export async function askToKeep(storage: StorageManager | undefined): Promise<StorageState> {
  const state: StorageState = { keeping: "unknown", used_bytes: null, room_bytes: null };
  // Absent on insecure origins, and not a promise in some WebViews.
  if (typeof storage?.persist !== "function") return state;
  try {
    const kept = (await storage.persisted()) || (await storage.persist());
    const { usage, quota } = await storage.estimate();
    return {
      keeping: kept ? "kept" : "may_be_dropped",
      used_bytes: usage ?? null,
      room_bytes: quota === undefined ? null : quota - (usage ?? 0),
    };
  } catch {
    return state;
  }
}
