/** One action at a time, its refusal as a sentence; `busy` says which of a page's buttons was pressed. */
import { ref, type Ref } from "vue";

import { useSending } from "../shell/useSending";

export interface Act {
  busy: Ref<string>;
  sentence: Ref<string>;
  run: (what: string, action: () => Promise<unknown>) => Promise<boolean>;
}

export function useAct(): Act {
  const busy = ref("");
  const { sentence, sending } = useSending();
  async function run(what: string, action: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = what;
    const isDone = await sending(action);
    busy.value = "";
    return isDone;
  }
  return { busy, sentence, run };
}
