/** The record of one alert, kept up by asking only for what came after what is known. */
import { api, type Timeline, type TimelineItem } from "@fengsui/api";
import { resource } from "@fengsui/data";
import type { Ref } from "vue";

/** The server gives at most so many facts of each thing an alert consists of. */
const SERVER_LIMIT = 500;
const ROUNDS_MAX = 40;

export function useTimeline(alertId: Readonly<Ref<string | null>>) {
  let known = new Map<string, TimelineItem>();
  let position = 0;

  const shown = resource<Timeline>(async () => {
    const id = alertId.value ?? "";
    const mine = known;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const answer = await api.timeline(id, position || undefined);
      if (mine !== known) throw new Error("another alert was chosen meanwhile");
      for (const item of answer.items) known.set(item.fact_id, item);
      const arrivals = answer.items.map((item) => item.arrival ?? 0).sort((a, b) => a - b);
      // Beyond the limit one of the sorts of facts may have been cut short, so go on from where all are whole.
      const next = arrivals.length < SERVER_LIMIT ? arrivals[arrivals.length - 1] : arrivals[SERVER_LIMIT - 1];
      position = Math.max(position, next ?? 0);
      if (arrivals.length < SERVER_LIMIT) return whole(answer.verified);
    }
    throw new Error("the record does not come to an end");
  });

  function whole(verified: Timeline["verified"]): Timeline {
    const items = [...known.values()].sort((a, b) => a.at.localeCompare(b.at) || (a.arrival ?? 0) - (b.arrival ?? 0));
    return { items, verified };
  }
  function clear(): void {
    known = new Map();
    position = 0;
    shown.clear();
  }
  return { ...shown, clear };
}
