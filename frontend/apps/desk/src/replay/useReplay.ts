/** One night on the screen: its score, a clock that runs at any speed, and the lists beside it. */
import { replayApi, type Board, type ReplayHouseholds, type ReplayPeople, type Score } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";

import { eventAfter, eventBefore, Player } from "./player";

export const SPEEDS = [1, 10, 60, 300, 1200] as const;
const FRAME_MS = 90;
/** A night should be over in about a minute unless somebody asks otherwise. */
const WHOLE_NIGHT_S = 60;

export function useReplay(night: Readonly<Ref<string>>, under: Readonly<Ref<string>>) {
  const score = resource<Score>(() => replayApi.score(night.value, under.value));
  const player = computed(() => (score.value.value ? new Player(score.value.value) : null));
  const length = computed(() => player.value?.length ?? 0);
  const at = shallowRef(0);
  const track = ref(0);
  const speed = ref<number>(60);
  const isPlaying = ref(false);
  const village = shallowRef<string | null>(null);

  const board = computed<Board | null>(() => player.value?.board(track.value, at.value) ?? null);
  const totals = computed(() => player.value?.totals(at.value) ?? []);
  const chosen = computed(() => score.value.value?.tracks[track.value] ?? null);
  const now = computed(() => Date.parse(score.value.value?.begins_at ?? "1970-01-01T00:00:00Z") + at.value);

  const people = resource<ReplayPeople>(() => replayApi.people(night.value, chosen.value?.callout_id ?? "", village.value ?? under.value));
  const households = resource<ReplayHouseholds>(() => replayApi.households(night.value, chosen.value?.evacuation_id ?? "", village.value ?? under.value));

  let frame = 0;
  let last = 0;
  function run(time: number): void {
    frame = requestAnimationFrame(run);
    if (time - last < FRAME_MS) return;
    // A page that was in the background goes on from where it stood.
    const passed = Math.min(time - last, FRAME_MS * 4);
    last = time;
    seek(at.value + passed * speed.value);
    if (at.value >= length.value) pause();
  }
  function play(): void {
    if (isPlaying.value || !length.value) return;
    if (at.value >= length.value) at.value = 0;
    isPlaying.value = true;
    last = performance.now();
    frame = requestAnimationFrame(run);
  }
  function pause(): void {
    cancelAnimationFrame(frame);
    isPlaying.value = false;
  }
  function seek(ms: number): void {
    at.value = Math.min(Math.max(Math.round(ms), 0), length.value);
  }
  function jump(direction: 1 | -1): void {
    const events = score.value.value?.events ?? [];
    const next = direction === 1 ? eventAfter(events, at.value) : eventBefore(events, at.value);
    pause();
    seek(next ? next.ms : direction === 1 ? length.value : 0);
  }

  watch([night, under], () => void open(), { immediate: true });
  async function open(): Promise<void> {
    pause();
    score.clear();
    people.clear();
    households.clear();
    village.value = null;
    at.value = 0;
    if (!night.value) return;
    await score.refresh();
    track.value = 0;
    const seconds = length.value / 1000 / WHOLE_NIGHT_S;
    speed.value = SPEEDS.find((one) => one >= seconds) ?? SPEEDS[SPEEDS.length - 1] ?? 60;
  }
  watch([chosen, village], () => {
    people.clear();
    households.clear();
    if (chosen.value?.callout_id) void people.refresh();
    if (chosen.value?.evacuation_id && chosen.value.evacuation) void households.refresh();
  });
  onScopeDispose(pause);

  return { score, player, length, at, now, track, speed, isPlaying, village, board, totals, chosen, people, households, play, pause, seek, jump, refresh: open };
}
export type ReplayState = ReturnType<typeof useReplay>;
