/** 信息报告: which clocks run, what is due next, and how much time is left in words. */
import { watchApi, type DeadlineState, type Incident, type IncidentPage, type ReportDeadline, type ReportStep } from "@fengsui/api";
import { resource } from "@fengsui/data";

export const incidents = resource<IncidentPage>(() => watchApi.incidents());
/** The time left changes without any news, so the question is asked again. */
export const ASK_MS = 15_000;
export const KINDS: readonly ReportStep[] = ["phone", "written", "follow_up", "final"];

/** A state has its own sign beside its word and its colour. */
export const SIGN: Record<DeadlineState, string> = { waiting: "○", soon: "!", late: "✕", done: "✓", done_late: "✓" };
export const TONE: Record<DeadlineState, string> = { waiting: "", soon: "is-warn", late: "is-bad", done: "is-ok", done_late: "is-warn" };

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;

export interface Left {
  isLate: boolean;
  hours: number;
  minutes: number;
}

/** Minutes until a deadline, or since. Begun minutes of a delay count, those left do not. */
export function left(dueAt: string, now: string): Left {
  const ms = new Date(dueAt).getTime() - new Date(now).getTime();
  const minutes = ms < 0 ? Math.ceil(-ms / MINUTE_MS) : Math.floor(ms / MINUTE_MS);
  return { isLate: ms < 0, hours: Math.floor(minutes / HOUR_MINUTES), minutes: minutes % HOUR_MINUTES };
}

export interface NextDue {
  incident: Incident;
  due: ReportDeadline & { due_at: string };
  more: number;
}

/** The one report that is due first among all open events; the rest are counted. */
export function nextReport(items: readonly Incident[]): NextDue | null {
  const open = items.flatMap((incident) => (incident.next_due?.due_at ? [{ incident, due: { ...incident.next_due, due_at: incident.next_due.due_at } }] : []));
  const [first] = [...open].sort((a, b) => (a.due.due_at < b.due.due_at ? -1 : 1));
  return first ? { ...first, more: open.length - 1 } : null;
}
