/** The exercise night of a demonstration node: one button, a faster clock, and an account at the end. */
import { api, type Demonstration } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { computed } from "vue";

import { serverClock } from "../shell/useClock";
import { useSending } from "../shell/useSending";
import { session } from "../shell/useSession";

/** The back end keeps the pace: 1 is the whole night in three minutes. */
const SPEED = 1;

export function useDemonstration() {
  const isOffered = computed(() => session.value.value?.node.is_demonstration ?? false);
  const state = resource<Demonstration>(() => api.demonstration());
  const { isBusy, sentence, sending } = useSending();

  function keepTime(): void {
    const current = state.value.value;
    if (current?.night_time && current.state === "running") serverClock.sync(current.night_time, current.speed || 1);
    else if (current?.night_time && current.state === "finished") serverClock.sync(current.night_time, 1);
  }
  async function refresh(): Promise<void> {
    if (!isOffered.value) return;
    await state.refresh();
    keepTime();
  }
  async function act(action: () => Promise<unknown>): Promise<void> {
    await sending(async () => {
      await action();
      await refresh();
    });
  }
  return {
    isOffered,
    current: state.value,
    isBusy,
    sentence,
    refresh,
    start: () => act(() => api.startDemonstration(SPEED)),
    cut: () => act(() => api.cutNetwork()),
    plugIn: () => act(() => api.plugIn()),
    stop: () =>
      act(async () => {
        await api.stopDemonstration();
        await session.reload();
      }),
  };
}
export type DemonstrationState = ReturnType<typeof useDemonstration>;
