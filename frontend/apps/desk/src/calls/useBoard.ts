/** The board of one call-out, live or as it stood at a moment of the past. */
import { api, type Board, type Page, type ToRingItem, type UnansweredItem } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { computed, shallowRef, watch, type Ref } from "vue";

import { serverClock } from "../shell/useClock";
import { reportFetch } from "../shell/useLive";

/** On a phone the list would bury the map beneath it, so it starts short. */
const PAGE_SIZE = window.matchMedia("(max-width: 999px)").matches ? 8 : 50;

const SERVER_PAGE_MAX = 200;

export function useBoard(calloutId: Readonly<Ref<string | null>>, replayAt: Readonly<Ref<string | null>>) {
  const live = resource<Board>(() => api.board(calloutId.value ?? ""));
  const past = resource<Board>(() => api.board(calloutId.value ?? "", replayAt.value));
  const list = resource<Page<UnansweredItem>>(async () => {
    const items: UnansweredItem[] = [];
    let next: string | null = null;
    do {
      const limit = Math.min(wanted.value - items.length, SERVER_PAGE_MAX);
      const page: Page<UnansweredItem> = await api.unanswered(calloutId.value ?? "", { limit, after: next, village: village.value ?? "", ...standing.value });
      items.push(...page.items);
      next = page.next || null;
    } while (next && items.length < wanted.value);
    return { items, next };
  });
  const ring = resource<{ items: ToRingItem[] }>(() => api.nextToRing(calloutId.value ?? ""));
  const village = shallowRef<string | null>(null);
  /** Where they stand on the ladder, or what was tried last; both empty: everybody. */
  const standing = shallowRef<{ rung?: number; channel?: string }>({});
  const wanted = shallowRef(PAGE_SIZE);
  const board = computed(() => (replayAt.value ? (past.value.value ?? live.value.value) : live.value.value));

  async function refresh(): Promise<void> {
    if (!calloutId.value) return;
    await Promise.all([live.refresh(), list.refresh(), ring.refresh()]);
    if (!live.problem.value) reportFetch(true, Date.parse(live.value.value?.callout.now ?? "") || serverClock.nowMs.value);
    else if (live.problem.value.isOffline) reportFetch(false, 0);
  }

  watch(
    calloutId,
    () => {
      live.clear();
      list.clear();
      ring.clear();
      past.clear();
      village.value = null;
      standing.value = {};
      wanted.value = PAGE_SIZE;
      void refresh();
    },
    { immediate: true },
  );
  watch(replayAt, (at) => {
    if (at) void past.refresh();
    else past.clear();
  });
  watch([village, standing, wanted], () => void list.refresh());

  return {
    board,
    live: live.value,
    problem: live.problem,
    list: list.value,
    listProblem: list.problem,
    ring: ring.value,
    ringProblem: ring.problem,
    village,
    standing,
    refresh,
    /** Everyone, for paper: a sheet with the first fifty only would leave people out. */
    all: () => {
      wanted.value = Math.max(wanted.value, live.value.value?.called ?? 0);
      return list.refresh();
    },
    more: () => (wanted.value += PAGE_SIZE),
  };
}
export type BoardState = ReturnType<typeof useBoard>;
