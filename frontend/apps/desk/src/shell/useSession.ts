/** Who is signed in, at which node, and which clock the node keeps. */
import type { ApiProblem} from "@fengsui/api";
import { api, asProblem, setCsrfToken, type Session } from "@fengsui/api";
import { shallowRef } from "vue";

import { forgetCounty } from "../onemap/kept";
import { serverClock } from "./useClock";

const value = shallowRef<Session | null>(null);
const problem = shallowRef<ApiProblem | null>(null);
let loading: Promise<void> | null = null;

function adopt(next: Session): Session {
  value.value = next;
  problem.value = null;
  setCsrfToken(next.csrf_token);
  serverClock.sync(next.now, 1);
  if (!next.person) void forgetCounty();
  return next;
}

async function load(): Promise<void> {
  try {
    adopt(await api.session());
  } catch (error) {
    problem.value = asProblem(error);
  }
}

/** Signing in changes the CSRF token, so the session is read anew unless the answer was one. */
async function entered(answer: unknown): Promise<Session | null> {
  if (answer && typeof answer === "object" && "csrf_token" in answer && "node" in answer) return adopt(answer as Session);
  await load();
  return value.value;
}

/** Where a person belongs: who may neither see the alerts of the desk nor approve works on the phone. */
export function homeOf(current: Session): "desk" | "field" {
  const roles = current.roles;
  const fieldOnly = ["village_secretary", "grid_worker", "household_head", "venue_contact"];
  return roles.length > 0 && roles.every((role) => fieldOnly.includes(role)) ? "field" : "desk";
}

export const session = {
  value,
  problem,
  ready(): Promise<void> {
    loading ??= load().finally(() => {
      if (!value.value) loading = null;
    });
    return loading;
  },
  reload: load,
  signIn: async (name: string, password: string) => entered(await api.signInWithPassword(name, password)),
  signInWithLink: async (token: string) => entered(await api.signInWithLink(token)),
  async signOut(): Promise<void> {
    await forgetCounty(); // also where the node cannot be told
    await api.signOut();
    await load();
  },
};
