import type { AlertSummary } from "@fengsui/api";
import { KIND_SHAPES } from "@fengsui/domain";

/** Own alarms and instructions never take an official colour for themselves: alarms are blue, instructions grey. */
export function toneOf(alert: Pick<AlertSummary, "kind" | "level">): "red" | "orange" | "yellow" | "blue" | "none" {
  if (alert.kind === "official_warning") return alert.level;
  return alert.kind === "monitoring_alarm" ? "blue" : "none";
}
export const shapeOf = (alert: Pick<AlertSummary, "kind">) => KIND_SHAPES[alert.kind];
