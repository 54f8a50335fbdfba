/** What a person has settled of the columns, and what is still missing of it. */
import type { ImportStanding, ImportTarget } from "@fengsui/api";

const SAMPLES = 3;
const ROW_ID = "row_id";

export interface HeaderLine {
  header: string;
  place: number;
  samples: string[];
}

/** The headers that can be mapped, each with the first things that stand below it. */
export function headerLines(standing: ImportStanding): HeaderLine[] {
  const rows = (standing.first_rows ?? []).slice((standing.data_row ?? 2) - 1);
  return (standing.headers ?? []).flatMap((header, place) => {
    const samples = rows.map((row) => row[place] ?? "").filter(Boolean);
    return header || samples.length ? [{ header, place, samples: [...new Set(samples)].slice(0, SAMPLES) }] : [];
  });
}

const columnOf = (target: string): string => target.replace(/\.(lon|lat)$/, "");

/** Required columns for which no header stands; none where rows are named by their number. */
export function missing(targets: readonly ImportTarget[], mapping: Readonly<Record<string, string | null>>, defaults: Readonly<Record<string, string>>): ImportTarget[] {
  const taken = new Set(Object.values(mapping).filter((one) => one !== null));
  if (taken.has(ROW_ID)) return [];
  const said = new Set([...taken, ...Object.keys(defaults).filter((name) => defaults[name])].map((one) => columnOf(String(one))));
  return targets.filter((one) => one.required && !said.has(columnOf(one.name)));
}

/** Targets that two headers stand for, though only one may. */
export function twice(targets: readonly ImportTarget[], mapping: Readonly<Record<string, string | null>>): ImportTarget[] {
  const counts = new Map<string, number>();
  for (const target of Object.values(mapping)) if (target) counts.set(target, (counts.get(target) ?? 0) + 1);
  return targets.filter((one) => !one.takes_several && (counts.get(one.name) ?? 0) > 1);
}

export const hasPoint = (mapping: Readonly<Record<string, string | null>>): boolean =>
  Object.values(mapping).some((one) => /\.(lon|lat)$/.test(one ?? "") || one === "point" || one === "location");
