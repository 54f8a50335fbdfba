/** One thing at a time gets a point: chosen, pointed at, confirmed, and put back if that was wrong. */
import { asProblem, type ApiProblem, type MapPoint, type Placed } from "@fengsui/api";
import { computed, ref, shallowRef } from "vue";

export interface Target {
  id: string;
  name: string;
  /** Where it stands: the township of a village, the village of a household. */
  within: string;
  point: MapPoint | null;
}
type Save = (id: string, point: MapPoint | null, seen: MapPoint | null) => Promise<Placed>;

export function usePlacing(save: Save, saved: () => Promise<unknown>) {
  const target = shallowRef<Target | null>(null);
  const draft = shallowRef<MapPoint | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const isBusy = ref(false);
  /** What was done last, while it can still be taken back. */
  const done = shallowRef<{ target: Target; after: MapPoint | null; isUndone: boolean } | null>(null);
  const isChanged = computed(() => {
    const [one, other] = [draft.value, target.value?.point ?? null];
    return one?.[0] !== other?.[0] || one?.[1] !== other?.[1];
  });

  function choose(next: Target | null): void {
    target.value = next;
    draft.value = next?.point ?? null;
    problem.value = null;
    if (next) done.value = null;
  }
  async function send(work: () => Promise<unknown>): Promise<boolean> {
    isBusy.value = true;
    problem.value = null;
    try {
      await work();
      await saved();
      return true;
    } catch (error) {
      problem.value = asProblem(error);
      return false;
    } finally {
      isBusy.value = false;
    }
  }
  async function confirm(): Promise<void> {
    const [what, after] = [target.value, draft.value];
    if (!what) return;
    if (await send(() => save(what.id, after, what.point))) {
      choose(null);
      done.value = { target: what, after, isUndone: false };
    }
  }
  async function undo(): Promise<void> {
    const last = done.value;
    if (!last || last.isUndone) return;
    if (await send(() => save(last.target.id, last.target.point, last.after))) done.value = { ...last, isUndone: true };
  }
  return { target, draft, problem, isBusy, isChanged, done, choose, confirm, undo };
}
