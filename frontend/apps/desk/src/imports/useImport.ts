/** One import as the page sees it: asked for again while the node works on it. */
import { asProblem, importsApi, type ApiProblem, type ImportStanding } from "@fengsui/api";
import { onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";

const LOOK_AGAIN_MS = 700;
const AT_WORK = new Set(["reading", "checking", "running"]);

export interface OneImport {
  standing: Ref<ImportStanding | null>;
  problem: Ref<ApiProblem | null>;
  isBusy: Ref<boolean>;
  /** Does one thing and takes what the server says of it; false where it was refused. */
  act: (what: () => Promise<ImportStanding>) => Promise<boolean>;
  look: () => Promise<void>;
}

export function useImport(id: Ref<string>): OneImport {
  const standing = shallowRef<ImportStanding | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const isBusy = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  function followUp(): void {
    clearTimeout(timer);
    if (standing.value && AT_WORK.has(standing.value.state)) timer = setTimeout(() => void look(), LOOK_AGAIN_MS);
  }
  async function look(): Promise<void> {
    const mine = ++asked;
    if (!id.value) return;
    try {
      const found = await importsApi.standing(id.value);
      if (mine !== asked) return;
      standing.value = found;
      problem.value = null;
    } catch (error) {
      if (mine !== asked) return;
      problem.value = asProblem(error);
      // Out of touch for a moment: the node goes on, and so does looking.
      if (problem.value.isOffline) timer = setTimeout(() => void look(), 4 * LOOK_AGAIN_MS);
    }
    followUp();
  }
  async function act(what: () => Promise<ImportStanding>): Promise<boolean> {
    isBusy.value = true;
    problem.value = null;
    try {
      asked += 1;
      standing.value = await what();
      return true;
    } catch (error) {
      problem.value = asProblem(error);
      return false;
    } finally {
      isBusy.value = false;
      followUp();
    }
  }
  watch(
    id,
    () => {
      clearTimeout(timer);
      standing.value = null;
      problem.value = null;
      void look();
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return { standing, problem, isBusy, act, look };
}
