import type { AlertSummary } from "@fengsui/api";
import { KIND_SHAPES } from "@fengsui/domain";

/** Own alarms and instructions never take an official colour for themselves: alarms are blue, instructions grey.
    A self-rescue call is somebody in danger: red wherever it is shown. */
export function toneOf(alert: Pick<AlertSummary, "kind" | "level" | "self_rescue">): "red" | "orange" | "yellow" | "blue" | "none" {
  if (alert.self_rescue) return "red";
  if (alert.kind === "official_warning") return alert.level;
  return alert.kind === "monitoring_alarm" ? "blue" : "none";
}
export const shapeOf = (alert: Pick<AlertSummary, "kind">) => KIND_SHAPES[alert.kind];
