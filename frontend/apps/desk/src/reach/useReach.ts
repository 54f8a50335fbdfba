/** What every screen says about reach: what the level above lacks, who is lost, who calls for help. */
import { api, type NodeRow, type SosItem, type Upstream } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { computed, onScopeDispose } from "vue";

import { serverClock } from "../shell/useClock";
import { session } from "../shell/useSession";

const ASK_EVERY_MS = 10_000;

export const upstream = resource<Upstream>(() => api.upstream());
export const nodes = resource<{ items: NodeRow[] }>(() => api.nodes());
export const sos = resource<{ items: SosItem[] }>(() => api.sos());

const may = (permission: string): boolean => session.value.value?.permissions.includes(permission) ?? false;

export async function refreshReach(): Promise<void> {
  await Promise.all([upstream.refresh(), ...(may("see_places") ? [nodes.refresh()] : []), ...(may("see_households") ? [sos.refresh()] : [])]);
}

export const openSos = computed(() => (sos.value.value?.items ?? []).filter((one) => !one.closed_at));
export const lostNodes = computed(() => (nodes.value.value?.items ?? []).filter((one) => one.out_of_contact && one.role === "child"));
/** Minutes since the longest silent of the lost was heard; null where one never was. */
export const longestSilenceMinutes = computed<number | null>(() => {
  const heard = lostNodes.value.map((one) => one.last_heard_at);
  if (!heard.length || heard.some((one) => one === null)) return null;
  return Math.max(...heard.map((one) => Math.floor((serverClock.nowMs.value - Date.parse(one ?? "")) / 60_000)));
});

/** Asks again and again while a screen that shows it is open. */
export function useReach(): void {
  void refreshReach();
  const timer = setInterval(() => void refreshReach(), ASK_EVERY_MS);
  onScopeDispose(() => clearInterval(timer));
}
