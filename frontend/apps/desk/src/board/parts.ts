/** The rows of one grouping of the board, the most pressing first. */
import type { Board } from "@fengsui/api";
import { CHANNEL_WORDS, placesShown, type PlaceCallState } from "@fengsui/domain";

export type View = "township" | "village" | "rung" | "channel";
export const VIEWS: readonly View[] = ["township", "village", "rung", "channel"];

export interface Part {
  key: string;
  name: { zh: string; en: string };
  state: PlaceCallState | null;
  /** What the row's bar is made of, in people or tries. */
  done: number;
  open: number;
  /** Villages of this township that are shown red. */
  silent: number;
  /** Columns beside the bar, by the keys of `COLUMNS`. */
  figures: number[];
}

export const COLUMNS = {
  township: ["unanswered", "called"],
  village: ["unanswered", "called"],
  rung: ["rung_open", "rung_answers"],
  channel: ["tries", "beside", "delivered", "acknowledged", "failed"],
} as const;

const RANK: Record<PlaceCallState, number> = { unanswered: 0, calling: 1, answered: 2, out_of_area: 3 };
const both = (name: string): { zh: string; en: string } => ({ zh: name, en: name });
const byNeed = (a: Part, b: Part): number =>
  RANK[a.state ?? "out_of_area"] - RANK[b.state ?? "out_of_area"] || b.open - a.open || a.key.localeCompare(b.key);

export function partsOf(board: Board, view: View): Part[] {
  if (view === "township") {
    const red = new Map<string, number>();
    for (const place of placesShown(board)) {
      if (place.state === "unanswered") red.set(place.code.slice(0, 9), (red.get(place.code.slice(0, 9)) ?? 0) + 1);
    }
    return (board.by_township ?? [])
      .map((one) => {
        const silent = red.get(one.code.slice(0, 9)) ?? 0;
        const state: PlaceCallState = !one.unanswered ? "answered" : silent ? "unanswered" : "calling";
        return { key: one.code, name: both(one.name), state, done: one.answered, open: one.unanswered, silent, figures: [one.unanswered, one.called] };
      })
      .sort(byNeed);
  }
  if (view === "village") {
    return placesShown(board)
      .map((one) => ({ key: one.code, name: both(one.name || one.code), state: one.state, done: one.answered, open: one.unanswered, silent: 0, figures: [one.unanswered, one.called] }))
      .sort(byNeed);
  }
  if (view === "rung") {
    return board.by_rung.map((one) => ({
      key: String(one.rung),
      name: { zh: one.word_zh ?? "", en: one.word_en ?? one.word_zh ?? "" },
      state: null,
      done: one.answers ?? 0,
      open: one.unanswered,
      silent: 0,
      figures: [one.unanswered, one.answers ?? 0],
    }));
  }
  return board.by_channel.map((one) => ({
    key: one.channel,
    name: CHANNEL_WORDS[one.channel] ?? both(one.channel),
    state: null,
    done: one.acknowledged,
    open: one.failed,
    silent: 0,
    figures: [one.tries ?? 0, one.beside ?? 0, one.delivered, one.acknowledged, one.failed],
  }));
}
