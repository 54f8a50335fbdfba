/** One action at a time, its refusal as a sentence. */
import { asProblem } from "@fengsui/api";
import { say } from "@fengsui/ui";
import { ref, type Ref } from "vue";

export interface Act {
  busy: Ref<string>;
  sentence: Ref<string>;
  run: (what: string, action: () => Promise<unknown>) => Promise<boolean>;
}

export function useAct(): Act {
  const busy = ref("");
  const sentence = ref("");
  async function run(what: string, action: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = what;
    sentence.value = "";
    try {
      await action();
      return true;
    } catch (error) {
      sentence.value = say(asProblem(error));
      return false;
    } finally {
      busy.value = "";
    }
  }
  return { busy, sentence, run };
}
