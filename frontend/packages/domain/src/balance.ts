/** 应转 = 已转 + 外出 + 未转, in people. The equation is shown only when it holds. */
import type { HouseholdStatus } from "./words";

export interface Balance {
  should: number;
  moved: number;
  away: number;
  not_yet: number;
}
export type BalanceSide = "moved" | "away" | "not_yet";

/** Told, knocked, needing help and refusing are all still 未转: only a moved or absent person is safe. */
export const SIDE_OF_STATUS: Record<HouseholdStatus, BalanceSide> = {
  not_yet: "not_yet",
  told: "not_yet",
  moved_central: "moved",
  moved_relatives: "moved",
  away: "away",
  knocked_no_answer: "not_yet",
  needs_help: "not_yet",
  refuses: "not_yet",
};

export function balanceHolds(balance: Balance): boolean {
  return balance.should === balance.moved + balance.away + balance.not_yet;
}

export function balanceOf(households: readonly { people: number; status: HouseholdStatus }[]): Balance {
  const sum: Balance = { should: 0, moved: 0, away: 0, not_yet: 0 };
  for (const household of households) {
    sum.should += household.people;
    sum[SIDE_OF_STATUS[household.status]] += household.people;
  }
  return sum;
}
