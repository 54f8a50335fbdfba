/** Which designed state says that something could not be shown. */
import type { ApiProblem } from "@fengsui/api";

const FORBIDDEN = 403;

export function stateOf(problem: ApiProblem): "offline" | "forbidden" | "error" {
  if (problem.isOffline) return "offline";
  return problem.status === FORBIDDEN ? "forbidden" : "error";
}
