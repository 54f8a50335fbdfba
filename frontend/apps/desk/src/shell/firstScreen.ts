/** Which screen answers the question of whoever holds these roles. The separated administrators (三员) have no
    part in the night: their first screen is what they are there for. */
export type FirstScreen = "desk" | "leader" | "township" | "accounts" | "audit" | "mine";

export function firstScreen(roles: readonly string[], permissions: readonly string[], isNarrow: boolean): FirstScreen {
  if (roles.includes("duty_leader") && isNarrow) return "leader";
  if (roles.includes("township_officer") && !roles.includes("duty_officer") && !roles.includes("duty_leader")) return "township";
  if (permissions.includes("manage_accounts")) return "accounts";
  if (permissions.includes("read_sign_ins")) return "audit";
  return permissions.includes("see_alerts") ? "desk" : "mine";
}
