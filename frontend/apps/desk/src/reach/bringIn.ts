/** A bundle file goes in part by part, is read piece by piece, and may be stopped at any time. */
import { api, type BundleReport } from "@fengsui/api";

export const PART_BYTES = 2 * 1024 * 1024;

export interface Progress {
  /** 0 to 1 over both steps: bringing the bytes in, and reading them. */
  share: number;
  report: BundleReport | null;
}


function shareOf(report: BundleReport): number {
  return report.state === "reading" && report.pieces ? 0.5 + (0.5 * report.pieces_done) / report.pieces : 1;
}

/** Returns the last report; null where it was stopped before the file was whole. What was read stays read. */
export async function bringIn(file: Blob, carriedBy: string, on: (progress: Progress) => void, isStopped: () => boolean): Promise<BundleReport | null> {
  const upload = crypto.randomUUID?.() ?? `${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
  let report: BundleReport | null = null;
  let offset = 0;
  while (report === null) {
    if (isStopped()) return null;
    const part = file.slice(offset, offset + PART_BYTES);
    const answer = await api.bringInPart(part, { upload, offset, total: file.size, carried_by: carriedBy });
    offset = answer.received;
    report = answer.report;
    on({ share: report ? shareOf(report) : (0.5 * offset) / Math.max(1, file.size), report });
  }
  while (report.state === "reading" && !isStopped()) {
    const answer = await api.bringInOn(report.digest, carriedBy);
    report = answer.report ?? report;
    on({ share: shareOf(report), report });
  }
  return report;
}
