/** Posts tonight, stand-ins, absences, numbers to verify, duplicates, households away. */
import { http } from "./client";
import { at } from "./paths";
import type { Id, Iso } from "./types";

export type PostState = "nobody" | "vacant" | "by_b" | "stood_in" | "manned";
export type ContactState = "proven" | "stale" | "never" | "dead";
export type SaidHow = "phone" | "neighbour" | "relative" | "in_person";

export interface PostsTownship {
  code: string;
  name: string;
  posts: number;
  nobody: number;
  by_b: number;
  stood_in: number;
  unproven: number;
}
export interface PostHolder {
  person_id: Id;
  name: string;
  slot: string;
  absence_id: Id | null;
  absent_until: Iso | null;
  is_stood_in: boolean;
}
export interface PostStandIn {
  stand_in_id: Id;
  person_id: Id;
  name: string;
  for_name: string;
  slot: string;
  until_at: Iso;
}
export interface PostTonight {
  post_id: Id;
  place_code: string;
  place_name: string;
  role: string;
  title: string;
  state: PostState;
  nobody: boolean;
  holders: PostHolder[];
  stand_ins: PostStandIn[];
  on_post: string[];
  contact: { contact_point_id: Id; value_masked: string; state: ContactState; proven_at: Iso | null } | null;
  may_name_stand_in: boolean;
}
export interface PostsTonight {
  townships: PostsTownship[];
  items: PostTonight[];
  total: number;
  next: string | null;
  now: Iso;
}
export interface StandInPast {
  id: Id;
  name: string;
  absent_name: string;
  since_at: Iso;
  until_at: Iso;
  ended_at: Iso | null;
  was_mistake: boolean;
  is_in_force: boolean;
  reason: string;
  named_by: string;
  named_at: Iso;
}
export interface PostDetail extends PostTonight {
  history: StandInPast[];
}
export interface Lent {
  stand_in_id: Id;
  person_id: Id;
  name: string;
  place_name: string;
  title: string;
  until: Iso;
  link: string;
  qr_picture: string;
  text: string;
  expires: Iso | null;
  no_link: "" | "not_yet" | "no_role" | "has_account" | "not_allowed";
}
export interface AbsenceRow {
  id: Id;
  person_id: Id;
  name: string;
  place_name: string;
  titles: string[];
  from_at: Iso;
  until_at: Iso;
  is_in_force: boolean;
  reason: string;
}
export interface NumberRow {
  contact_point_id: Id;
  place_name: string;
  name: string;
  titles: string[];
  value_masked: string;
  state: ContactState;
  proven_at: Iso | null;
  failed_at: Iso | null;
}
export interface NumbersPage {
  items: NumberRow[];
  next: string | null;
  total: number;
  days: number;
  is_default_days: boolean;
}
export interface AwayRow {
  id: Id;
  household_id: Id;
  label: string;
  place_name: string;
  people: number;
  people_count: number;
  from_at: Iso;
  until_at: Iso;
  said_by: string;
  said_how: SaidHow;
  said_at: Iso;
  is_now: boolean;
}
export interface HouseholdLine {
  id: Id;
  label: string;
  place_name: string;
  people_count: number;
  tonight_people: number;
  away: number;
}
export interface MyPosts {
  items: PostTonight[];
  absences: AbsenceRow[];
  now: Iso;
}
export interface TwinPerson {
  person_id: Id;
  name: string;
  place_name: string;
  titles: string[];
  phones: string[];
  households: number;
}
export interface Twins {
  first: TwinPerson;
  second: TwinPerson;
  reasons: ("phone" | "name" | "pinyin")[];
}
export interface TwinsPage {
  items: Twins[];
  next: string | null;
  total: number;
}
export interface MergePreview {
  keep: TwinPerson;
  drop: TwinPerson;
  /** How many rows of each register will point to the one that stays. */
  moves: { ledger: string; zh: string; en: string; rows: number }[];
  /** Rows that both have; the one of `drop` goes. */
  withdrawn: number;
  /** "" or why it cannot be done. */
  obstacle: "" | "has_account";
}

export interface StandInWanted {
  name: string;
  phone: string;
  until: Iso;
  since?: Iso | null;
  reason?: string;
  absent_person_id?: Id;
}

export const peopleApi = {
  postsTonight: (query: { under?: string; state?: string; role?: string; after?: string | null; limit?: number } = {}) =>
    http.get<PostsTonight>(at("/api/v1/posts/tonight"), query),
  myPosts: () => http.get<MyPosts>(at("/api/v1/posts/mine")),
  post: (id: Id) => http.get<PostDetail>(at("/api/v1/posts/{post_id}", id)),
  nameStandIn: (postId: Id, wanted: StandInWanted) => http.post<Lent>(at("/api/v1/posts/{post_id}/stand-ins", postId), wanted),
  standInLink: (id: Id) => http.post<Lent>(at("/api/v1/stand-ins/{stand_in_id}/link", id)),
  endStandIn: (id: Id, was_mistake: boolean) => http.post<{ id: Id }>(at("/api/v1/stand-ins/{stand_in_id}/end", id), { was_mistake }),
  absences: (under?: string) => http.get<{ items: AbsenceRow[] }>(at("/api/v1/absences"), { under }),
  reportAbsence: (
    holderId: Id,
    body: { from?: Iso | null; until: Iso; reason: string; stand_in: { name: string; phone: string } | null },
  ) => http.post<{ id: Id; stand_ins: Lent[] }>(at("/api/v1/posts/holders/{holder_id}/absences", holderId), body),
  endAbsence: (id: Id, was_mistake: boolean) => http.post<{ id: Id }>(at("/api/v1/absences/{absence_id}/end", id), { was_mistake }),
  numbersToVerify: (query: { under?: string; after?: string | null; limit?: number } = {}) =>
    http.get<NumbersPage>(at("/api/v1/contacts/to-verify"), query),
  proveNumber: (id: Id) => http.post<{ id: Id }>(at("/api/v1/contacts/{contact_point_id}/proven", id)),
  deadNumber: (id: Id) => http.post<{ id: Id }>(at("/api/v1/contacts/{contact_point_id}/dead", id)),
  revealNumber: (id: Id, reason: string) => http.post<{ value: string }>(at("/api/v1/contacts/{contact_point_id}/reveal", id), { reason }),
  setProvenDays: (place_code: string, days: number, reason: string) =>
    http.put<NumbersPage>(at("/api/v1/contacts/proven-days"), { place_code, days, reason }),
  householdsAway: (query: { under?: string; after?: string | null; limit?: number } = {}) =>
    http.get<{ items: AwayRow[]; next: string | null }>(at("/api/v1/households/away"), query),
  householdsTonight: (query: { under?: string; after?: string | null; limit?: number } = {}) =>
    http.get<{ items: HouseholdLine[]; next: string | null }>(at("/api/v1/households/tonight"), query),
  householdAway: (id: Id, body: { people: number; until_at: Iso; said_by: string; said_how: SaidHow }) =>
    http.post<{ id: Id }>(at("/api/v1/households/{household_id}/away", id), body),
  householdBack: (awayId: Id, was_mistake = false) =>
    http.post<{ id: Id }>(at("/api/v1/households/away/{away_id}/back", awayId), { was_mistake }),
  duplicates: (query: { under?: string; after?: string | null; limit?: number } = {}) =>
    http.get<TwinsPage>(at("/api/v1/persons/duplicates"), query),
  tellApart: (first: Id, second: Id) => http.post<{ id: Id }>(at("/api/v1/persons/{first_id}/apart/{second_id}", first, second)),
  mergePreview: (keep: Id, drop: Id) => http.get<MergePreview>(at("/api/v1/persons/{keep_id}/merge/{drop_id}", keep, drop)),
  merge: (keep: Id, drop: Id, reason: string) =>
    http.post<{ change_set_id: Id; moved: number }>(at("/api/v1/persons/{keep_id}/merge/{drop_id}", keep, drop), { reason }),
};
