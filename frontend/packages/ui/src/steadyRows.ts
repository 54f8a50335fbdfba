/** Rows that do not jump from under the hand, and a focus that is not lost: a live list is put in its new order
    only when nobody has touched it for a moment. */
import { onBeforeUnmount, onBeforeUpdate, onMounted, onUpdated, shallowRef, watch, type Ref } from "vue";

const HOLD_MS = 6_000;
const TOUCHES = ["pointermove", "pointerdown", "keydown", "focusin"] as const;

/** Those who were there keep their places, those who have come stand behind them, those who left are gone. */
export function inOldOrder<T>(before: readonly string[], items: readonly T[], keyOf: (item: T) => string): T[] {
  const place = new Map(before.map((key, index) => [key, index]));
  const at = (item: T): number => place.get(keyOf(item)) ?? before.length;
  return [...items].sort((one, other) => at(one) - at(other));
}

/** Where focus goes when the row that had it is gone: the same control of the row that took its place. */
export function neighbour(rows: number, index: number): number {
  return Math.min(index, rows - 1);
}

/** `root` holds one element with `data-row` for each row. */
export function useSteadyRows<T>(items: () => readonly T[], keyOf: (item: T) => string, root: Readonly<Ref<HTMLElement | null>>): Readonly<Ref<readonly T[]>> {
  const rows = shallowRef<readonly T[]>(items());
  let release: ReturnType<typeof setTimeout> | undefined;
  let held: { control: HTMLElement; row: number; which: number } | null = null;

  watch(items, (now) => {
    rows.value = release === undefined ? now : inOldOrder(rows.value.map(keyOf), now, keyOf);
  });
  function touched(): void {
    clearTimeout(release);
    release = setTimeout(() => {
      release = undefined;
      rows.value = items();
    }, HOLD_MS);
  }

  const all = (): HTMLElement[] => [...(root.value?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const controls = (row: HTMLElement | undefined): HTMLElement[] => [...(row?.querySelectorAll<HTMLElement>("a, button") ?? [])];
  onBeforeUpdate(() => {
    const control = document.activeElement;
    const row = control instanceof HTMLElement && root.value?.contains(control) ? all().findIndex((one) => one.contains(control)) : -1;
    held = row < 0 ? null : { control: control as HTMLElement, row, which: controls(all()[row]).indexOf(control as HTMLElement) };
  });
  onUpdated(() => {
    // Only what fell to nobody is given back: whoever took the focus on purpose keeps it.
    if (!held || document.activeElement !== document.body) return;
    const now = all();
    const target = held.control.isConnected ? held.control : controls(now[neighbour(now.length, held.row)])[held.which];
    target?.focus({ preventScroll: true });
    held = null;
  });
  onMounted(() => TOUCHES.forEach((one) => root.value?.addEventListener(one, touched, { passive: true })));
  onBeforeUnmount(() => {
    clearTimeout(release);
    TOUCHES.forEach((one) => root.value?.removeEventListener(one, touched));
  });
  return rows;
}
