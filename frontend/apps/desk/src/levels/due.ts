/** Whose time runs out next on the way down: its silence hands the duty on by itself. */
import type { Levels, LevelUnit } from "@fengsui/api";

/** Null where everybody is called at once: then no level waits for another. */
export function nextUnit(levels: Levels | null): LevelUnit | null {
  if (levels?.mode !== "by_level") return null;
  const waiting = levels.levels.flatMap((level) => level.units).filter((unit) => unit.state === "ringing");
  return waiting.sort((one, other) => one.deadline_at.localeCompare(other.deadline_at))[0] ?? null;
}
