/** What is in force, which of it is looked at, and its call-out: the same answer on every first screen. */
import { api, type AlertSummary } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { computed } from "vue";
import { useRoute } from "vue-router";

const ORDER = ["red", "orange", "yellow", "blue", "none"];

/** The gravest with a running call-out, among equals the newest. */
export function gravest(items: readonly AlertSummary[]): AlertSummary | null {
  const called = items.filter((alert) => alert.callout_id);
  return [...called].sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level) || b.issued_at.localeCompare(a.issued_at))[0] ?? null;
}

export function useTonight() {
  const route = useRoute();
  const alerts = resource<{ items: AlertSummary[] }>(() => api.alerts("open"));
  const items = computed(() => alerts.value.value?.items ?? null);
  const alert = computed<AlertSummary | null>(() => {
    const asked = route.query["alert"];
    return items.value?.find((one) => one.id === asked) ?? gravest(items.value ?? []);
  });
  const calloutId = computed(() => alert.value?.callout_id ?? null);
  const inForce = computed(() => items.value?.filter((one) => one.state === "active") ?? []);
  const waiting = computed(() => items.value?.filter((one) => one.state === "pending") ?? []);
  return { alerts, items, alert, calloutId, inForce, waiting };
}
