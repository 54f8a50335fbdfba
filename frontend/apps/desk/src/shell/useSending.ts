/** One thing on its way to the node: while it goes the button is busy; what was refused is a sentence to show. */
import { asProblem } from "@fengsui/api";
import { say } from "@fengsui/ui";
import { ref, type Ref } from "vue";

interface Sending {
  isBusy: Ref<boolean>;
  /** "" until something is refused; whoever opens a dialog anew empties it. */
  sentence: Ref<string>;
  /** Whether `work` came through. It never throws, a refusal is in `sentence`; a second press meanwhile does nothing. */
  sending: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useSending(): Sending {
  const isBusy = ref(false);
  const sentence = ref("");
  async function sending(work: () => Promise<unknown>): Promise<boolean> {
    if (isBusy.value) return false;
    isBusy.value = true;
    sentence.value = "";
    try {
      await work();
      return true;
    } catch (error) {
      sentence.value = say(asProblem(error));
      return false;
    } finally {
      isBusy.value = false;
    }
  }
  return { isBusy, sentence, sending };
}
