/** What villages did and counted by themselves, asked for again and again while the desk is open. */
import { api, type HeadcountPage, type MovedFirstItem, type ReportItem } from "@fengsui/api";
import { resource } from "@fengsui/data";
import { onScopeDispose } from "vue";

const ASK_EVERY_MS = 15_000;

export const movedFirst = resource<{ items: MovedFirstItem[] }>(() => api.movedFirst());
export const headcounts = resource<HeadcountPage>(() => api.headcounts());
export const reports = resource<{ items: ReportItem[] }>(() => api.reports());

async function refresh(): Promise<void> {
  await Promise.all([movedFirst.refresh(), headcounts.refresh(), reports.refresh()]);
}

export function useSituation(): void {
  void refresh();
  const timer = setInterval(() => void refresh(), ASK_EVERY_MS);
  onScopeDispose(() => clearInterval(timer));
}
