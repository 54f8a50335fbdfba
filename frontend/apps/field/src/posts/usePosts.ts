/** 我的岗位、住户外出: what is asked of the box when a sheet opens. It needs the network, and says so. */
import type { AwayRow, HouseholdLine, Lent, MyPosts, PostTonight, SaidHow } from "@fengsui/api";
import { NetworkCut, Refusal, type FieldTransport, type Problem } from "@fengsui/data";
import { inject, shallowRef, type InjectionKey, type ShallowRef } from "vue";

export type Outcome<T> = { value: T; problem: null } | { value: null; problem: Problem };

export interface Named {
  name: string;
  phone: string;
}
export interface Posts {
  mine: ShallowRef<MyPosts | null>;
  /** Posts of one's places that have nobody tonight, for whoever may name a stand-in there. */
  empty: ShallowRef<PostTonight[]>;
  problem: ShallowRef<Problem | null>;
  refresh(isSuperior: boolean): Promise<void>;
  nameStandIn(postId: string, wanted: Named & { until: string; reason: string }): Promise<Outcome<Lent>>;
  reportAbsence(
    personId: string,
    wanted: { until: string; reason: string; stand_in: Named | null },
  ): Promise<Outcome<{ id: string; stand_ins: Lent[] }>>;
  endAbsence(id: string): Promise<Outcome<unknown>>;
  endStandIn(id: string): Promise<Outcome<unknown>>;
  households(after: string | null): Promise<Outcome<{ items: HouseholdLine[]; next: string | null }>>;
  away(): Promise<Outcome<{ items: AwayRow[]; next: string | null }>>;
  sayAway(id: string, said: { people: number; until_at: string; said_by: string; said_how: SaidHow }): Promise<Outcome<unknown>>;
  sayBack(awayId: string): Promise<Outcome<unknown>>;
}

const CUT: Problem = {
  code: "cut",
  zh: "没办成：连不上村里的电脑。走到有信号的地方再试，急事先打值班电话。",
  en: "Not done: the box is out of reach. Try where there is signal; if it is urgent ring the duty room.",
};

export const postsKey: InjectionKey<Posts> = Symbol("posts");

export function usePosts(): Posts {
  const posts = inject(postsKey);
  if (posts === undefined) throw new Error("startPosts() was not provided");
  return posts;
}

export function startPosts(transport: FieldTransport): Posts {
  const mine = shallowRef<MyPosts | null>(null);
  const empty = shallowRef<PostTonight[]>([]);
  const problem = shallowRef<Problem | null>(null);

  async function tried<T>(request: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return { value: await request(), problem: null };
    } catch (error) {
      if (error instanceof Refusal) return { value: null, problem: error.problem };
      if (error instanceof NetworkCut) return { value: null, problem: CUT };
      throw error;
    }
  }
  const read = <T>(path: string): Promise<Outcome<T>> => tried(() => transport.read<T>(path));
  const state = <T>(path: string, body: unknown): Promise<Outcome<T>> => tried(() => transport.state<T>(path, body));
  const within = (path: string, id: string, rest = ""): string => `${path}/${encodeURIComponent(id)}${rest}`;

  async function refresh(isSuperior: boolean): Promise<void> {
    const own = await read<MyPosts>("/posts/mine");
    problem.value = own.problem;
    if (own.value !== null) mine.value = own.value;
    if (!isSuperior || own.problem !== null) return;
    const found = await read<{ items: PostTonight[] }>("/posts/tonight?state=nobody,vacant&limit=50");
    problem.value = found.problem;
    if (found.value !== null) empty.value = found.value.items.filter((one) => one.may_name_stand_in);
  }

  return {
    mine,
    empty,
    problem,
    refresh,
    nameStandIn: (postId, wanted) => state(within("/posts", postId, "/stand-ins"), wanted),
    reportAbsence: (personId, wanted) => state(within("/posts/holders", personId, "/absences"), wanted),
    endAbsence: (id) => state(within("/absences", id, "/end"), { was_mistake: false }),
    endStandIn: (id) => state(within("/stand-ins", id, "/end"), { was_mistake: false }),
    households: (after) => read(`/households/tonight?limit=200${after ? `&after=${encodeURIComponent(after)}` : ""}`),
    away: () => read("/households/away?limit=200"),
    sayAway: (id, said) => state(within("/households", id, "/away"), said),
    sayBack: (awayId) => state(within("/households/away", awayId, "/back"), { was_mistake: false }),
  };
}
