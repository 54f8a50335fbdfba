import { ApiProblem } from "@fengsui/api";
import { computed, ref, watch, type Ref } from "vue";

import { ask as askTheNode, type Found, type SearchAnswer } from "./api";

/** Typing goes on for this long before the node is asked. */
const PAUSE_MILLISECONDS = 120;
const SHORTEST = 2;

export type SearchState = "idle" | "looking" | "found" | "nothing" | "failed";

/** Follows what is typed; an answer to an older question never replaces a newer one. */
export function useSearch(question: Ref<string>, ask: (question: string) => Promise<SearchAnswer> = askTheNode) {
  const answer = ref<SearchAnswer | null>(null);
  const problem = ref<ApiProblem | null>(null);
  const state = ref<SearchState>("idle");
  const active = ref(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round = 0;

  const items = computed<Found[]>(() => answer.value?.items ?? []);

  async function look(text: string): Promise<void> {
    const mine = ++round;
    state.value = "looking";
    try {
      const next = await ask(text);
      if (mine !== round) return;
      answer.value = next;
      problem.value = null;
      active.value = 0;
      state.value = next.items.length > 0 ? "found" : "nothing";
    } catch (error) {
      if (mine !== round) return;
      if (!(error instanceof ApiProblem)) throw error;
      problem.value = error;
      state.value = "failed";
    }
  }

  watch(question, (text) => {
    clearTimeout(timer);
    const trimmed = text.trim();
    if (trimmed.length < SHORTEST) {
      round += 1;
      answer.value = null;
      state.value = "idle";
      return;
    }
    timer = setTimeout(() => void look(trimmed), PAUSE_MILLISECONDS);
  });

  function move(by: number): void {
    const last = items.value.length - 1;
    if (last >= 0) active.value = Math.min(last, Math.max(0, active.value + by));
  }

  return { answer, items, problem, state, active, move, again: () => look(question.value.trim()) };
}

/** Where an answer leads: the row in its register. */
export const placeOf = (found: Found): string => `/registers/${found.kind}?row=${encodeURIComponent(found.id)}`;
