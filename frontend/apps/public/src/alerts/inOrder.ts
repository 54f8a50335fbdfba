import type { AlertPublic } from "@fengsui/api";
import type { AlertKind, Level } from "@fengsui/domain";

const KIND_ORDER: Record<AlertKind, number> = {
  evacuation_instruction: 0,
  official_warning: 1,
  monitoring_alarm: 2,
};
const LEVEL_ORDER: Record<Level, number> = { red: 0, orange: 1, yellow: 2, blue: 3, none: 4 };

/** What must be done now first, then official warnings by level, then own alarms; newest first. */
export function inOrder<A extends Pick<AlertPublic, "kind" | "level" | "issued_at">>(alerts: readonly A[]): A[] {
  return [...alerts].sort(
    (a, b) =>
      KIND_ORDER[a.kind] - KIND_ORDER[b.kind] ||
      LEVEL_ORDER[a.level] - LEVEL_ORDER[b.level] ||
      b.issued_at.localeCompare(a.issued_at),
  );
}
