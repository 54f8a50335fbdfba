/** One danger area at a time: drawn, checked, saved, its households listed, and put back if that was wrong. */
import { asProblem, mapApi, type ApiProblem, type DangerKind, type DrawnArea } from "@fengsui/api";
import { cornersOf, outlineFault, polygonOf, type Position } from "@fengsui/domain";
import { computed, reactive, ref, shallowRef } from "vue";

export function useDrawing(saved: () => Promise<unknown>) {
  const area = shallowRef<DrawnArea | null>(null);
  const isNew = ref(false);
  const form = reactive({ name: "", village: "", kind: "flash_flood" as DangerKind });
  const corners = shallowRef<Position[]>([]);
  const isOpen = ref(false);
  const problem = shallowRef<ApiProblem | null>(null);
  const isBusy = ref(false);
  const done = shallowRef<{ name: string; id: string; before: DrawnArea["geometry"]; mark: string; isUndone: boolean } | null>(null);
  const isActive = computed(() => isNew.value || area.value !== null);
  /** A surveyed outline with holes or parts is shown, not redrawn by hand. */
  const isDrawable = computed(() => isNew.value || !area.value?.geometry || cornersOf(area.value.geometry) !== null);
  const isChanged = computed(() => JSON.stringify(corners.value) !== JSON.stringify(cornersOf(area.value?.geometry ?? null) ?? []));
  const isGood = computed(() => !isOpen.value && outlineFault(corners.value) === null);

  function show(next: DrawnArea | null): void {
    area.value = next;
    isNew.value = false;
    corners.value = cornersOf(next?.geometry ?? null) ?? [];
    isOpen.value = false;
    problem.value = null;
  }
  async function work(task: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    problem.value = null;
    try {
      await task();
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      isBusy.value = false;
    }
  }
  function open(id: string): Promise<void> {
    done.value = null;
    return work(async () => show(await mapApi.area(id)));
  }
  function begin(): void {
    show(null);
    done.value = null;
    Object.assign(form, { name: "", village: "", kind: "flash_flood" });
    isNew.value = true;
  }
  function close(): void {
    show(null);
  }
  function take(next: Position[], open = false): void {
    corners.value = next;
    isOpen.value = open;
  }
  function save(): Promise<void> {
    return work(async () => {
      const geometry = polygonOf(corners.value);
      const before = area.value;
      const after = before
        ? await mapApi.redrawArea(before.id, geometry, before.mark)
        : await mapApi.drawArea({ village_code: form.village, name: form.name.trim(), danger_kind: form.kind, geometry });
      show(after);
      done.value = { name: after.name, id: after.id, before: before?.geometry ?? null, mark: after.mark, isUndone: false };
      await saved();
    });
  }
  function undo(): Promise<void> {
    return work(async () => {
      const last = done.value;
      if (!last || last.isUndone) return;
      show(await mapApi.redrawArea(last.id, last.before, last.mark));
      done.value = { ...last, isUndone: true };
      await saved();
    });
  }
  function list(ids: string[]): Promise<void> {
    return work(async () => {
      const at = area.value;
      if (!at) return;
      // The outline that is being moved stays as it is on the screen.
      area.value = await mapApi.listHouseholds(at.id, { add: ids });
      await saved();
    });
  }
  return { area, isNew, form, corners, isOpen, problem, isBusy, done, isActive, isDrawable, isChanged, isGood, open, begin, close, take, save, undo, list };
}
export type DrawingState = ReturnType<typeof useDrawing>;
