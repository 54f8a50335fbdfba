/** The villages of one's own township, those that need somebody first. */
import type { Board, ContactRow, UnansweredItem } from "@fengsui/api";
import { placesShown, type PlaceCallState } from "@fengsui/domain";

export interface Village {
  code: string;
  name: string;
  state: PlaceCallState;
  called: number;
  answered: number;
  unanswered: number;
  /** People to move and not yet moved; null where there is no list. */
  should: number | null;
  notYet: number | null;
  /** Seconds without a word of a village that is out of contact; -1: nothing was ever heard; null: in contact. */
  lostS: number | null;
  people: UnansweredItem[];
}
type Moved = Record<string, { should: number; not_yet: number }>;
const RANK: Record<PlaceCallState, number> = { unanswered: 0, calling: 1, answered: 2, out_of_area: 3 };

export function villagesOf(board: Board, people: readonly UnansweredItem[], contact: readonly ContactRow[], moved: Moved): Village[] {
  const lost = new Map(contact.filter((one) => one.state === "lost").map((one) => [one.place_code, one.silent_s ?? -1]));
  return placesShown(board)
    .map((place) => ({
      code: place.code,
      name: place.name || place.code,
      state: place.state,
      called: place.called,
      answered: place.answered,
      unanswered: place.unanswered,
      should: moved[place.code]?.should ?? null,
      notYet: moved[place.code]?.not_yet ?? null,
      lostS: lost.get(place.code) ?? null,
      people: people.filter((one) => one.place_code.startsWith(place.code)),
    }))
    .sort(
      (a, b) =>
        Number(b.lostS !== null) - Number(a.lostS !== null) || RANK[a.state] - RANK[b.state] || (b.notYet ?? 0) - (a.notYet ?? 0) || b.unanswered - a.unanswered || a.code.localeCompare(b.code),
    );
}
