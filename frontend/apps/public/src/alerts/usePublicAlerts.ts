import { api, type PublicAlerts } from "@fengsui/api";
import { onUnmounted, ref, shallowRef } from "vue";

/** Often enough for a warning, seldom enough for a whole county looking at once. */
const REFRESH_MILLISECONDS = 30_000;
/** Spread, so that phones opened by the same broadcast do not ask in the same second. */
const SPREAD_MILLISECONDS = 5_000;

export type PublicNow = PublicAlerts & { place_name?: string; now?: string };

/** The last answer, when it came, and whether the box can be reached now. */
export function usePublicAlerts() {
  const known = shallowRef<PublicNow | null>(null);
  const gotAt = ref<number | null>(null);
  const reachable = ref(true);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    try {
      known.value = await api.publicAlerts();
      gotAt.value = known.value.now ? Date.parse(known.value.now) : Date.now();
      reachable.value = true;
    } catch {
      reachable.value = false;
    }
    timer = setTimeout(() => void refresh(), REFRESH_MILLISECONDS + Math.random() * SPREAD_MILLISECONDS);
  }
  const wake = (): void => {
    if (!document.hidden) void refresh();
  };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  onUnmounted(() => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
  });
  void refresh();
  return { known, gotAt, reachable, refresh };
}
