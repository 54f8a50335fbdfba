import { isFinished, type HouseholdStatus, type TonightHousehold } from "@fengsui/data";

type Household = Pick<TonightHousehold, "id" | "status" | "assist_level">;

/** Somebody stands at a problem here: it stays on top and in red until it is solved. */
export function isTrouble(status: HouseholdStatus): boolean {
  return status === "knocked_no_answer" || status === "needs_help" || status === "refuses";
}

function urgency(household: Household): number {
  if (isFinished(household)) return 3;
  if (isTrouble(household.status)) return 0;
  return household.status === "told" ? 2 : 1;
}

/**
 * The order of the list: trouble, then untouched (those who need most help first), then told, then
 * finished. Equal ones stay in the order of the register, which is the order of the doors.
 */
export function inOrder<H extends Household>(households: readonly H[]): H[] {
  return [...households].sort((a, b) => {
    const byUrgency = urgency(a) - urgency(b);
    if (byUrgency !== 0) return byUrgency;
    return urgency(a) === 1 ? b.assist_level - a.assist_level : 0;
  });
}

/** Who to go to after this one: the first nobody has recorded yet, in the order of the list. */
export function nextHousehold<H extends Household>(households: readonly H[], after: string): H | null {
  return inOrder(households).find((other) => other.id !== after && other.status === "not_yet") ?? null;
}
