/** Which key does what in a replay. Only keys that are no letters, so that nobody's speech triggers them (WCAG 2.1.4). */
const STEP_MS = 10_000;
export type Deed = "toggle" | "next" | "previous" | "first" | "last" | number;
const DEEDS: Record<string, Deed> = { " ": "toggle", PageDown: "next", PageUp: "previous", Home: "first", End: "last", ArrowLeft: -STEP_MS, ArrowRight: STEP_MS };

/** Nothing where the key belongs to what has the focus: a list scrolls, a slider slides, tabs turn, a button takes the blank. */
export function keyDeed(event: Pick<KeyboardEvent, "key" | "target" | "altKey" | "ctrlKey" | "metaKey">): Deed | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const deed = DEEDS[event.key] ?? null;
  const target = event.target as HTMLElement | null;
  if (!target || target === document.body) return deed;
  if (target.matches("input[type=range]")) return event.key === " " || event.key.startsWith("Page") ? deed : null;
  if (target.closest("input, select, textarea, canvas, [role=tab], [tabindex='0']")) return null;
  return target.closest("button, a") && event.key === " " ? null : deed;
}
