/** The fifteen minutes in which somebody who may approve looks at a self-rescue call. */
import type { AlertSummary } from "@fengsui/api";

export type Review = { state: "none" } | { state: "reviewed" } | { state: "waiting"; leftS: number };

export function reviewOf(alert: Pick<AlertSummary, "self_rescue" | "self_rescue_review_due_at">, nowMs: number): Review {
  if (!alert.self_rescue) return { state: "none" };
  if (!alert.self_rescue_review_due_at) return { state: "reviewed" };
  return { state: "waiting", leftS: (Date.parse(alert.self_rescue_review_due_at) - nowMs) / 1000 };
}
