/** One thing at a time: busy while it runs, and the node's own sentence where it refuses. */
import { asProblem } from "@fengsui/api";
import { say } from "@fengsui/ui";
import { ref, type Ref } from "vue";

export function useAct(): { isBusy: Ref<boolean>; sentence: Ref<string>; act: (work: () => Promise<void>) => Promise<boolean> } {
  const isBusy = ref(false);
  const sentence = ref("");
  async function act(work: () => Promise<void>): Promise<boolean> {
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
  return { isBusy, sentence, act };
}
