/** Signing in step by step, accounts, roles, sessions, keys of other systems, the list of sign-ins. */
import { address, http } from "./client";
import { at } from "./paths";
import type { components } from "./schema";
import type { Id, Session } from "./types";

type Schemas = components["schemas"];
export type Account = Schemas["AccountOut"];
export type AccountGrant = Schemas["GrantOut"];
export type AccountLink = Schemas["AccountLinkOut"];
export type Candidate = Schemas["CandidateOut"];
export type Role = Schemas["RoleOut"];
export type PermissionWords = Schemas["PermissionOut"];
export type OpenSession = Schemas["OpenSessionOut"];
export type SignInRow = Schemas["SignInOut"];
export type SignInRules = Schemas["PolicyOut"];
export type SystemKey = Schemas["ApiKeyOut"];
export type StartedFactor = Schemas["StartedFactor"];
export type Identities = Schemas["IdentitiesOut"];

export const accountsApi = {
  code: (code: string) => http.post<Session>("/session/code", { code }),
  newPassword: (body: { password: string; name?: string; current?: string }) => http.post<Session>("/session/new-password", body),
  startFactor: () => http.post<StartedFactor>("/session/factor/start", {}),
  confirmFactor: (code: string) => http.post<{ codes: string[] }>("/session/factor/confirm", { code }),
  factor: () => http.get<Schemas["FactorOut"]>("/session/factor"),
  removeFactor: (code: string) => http.post<{ ok: boolean }>("/session/factor/remove", { code }),
  here: () => http.post<{ ok: boolean }>("/session/here", {}),

  accounts: (query: { q?: string; under?: string; after?: string | null }) => http.get<Schemas["AccountsOut"]>("/accounts", query),
  candidates: (q: string) => http.get<Schemas["CandidatesOut"]>("/accounts/candidates", { q }),
  givable: (place: string) => http.get<Schemas["GivableOut"]>("/roles/givable", { place_code: place }),
  enrol: (body: { person_id: Id; role: string; place_code: string; until_at: string | null; with_link: boolean; reason: string }) =>
    http.post<Schemas["EnrolledOut"]>("/accounts", body),
  link: (person: Id) => http.post<AccountLink>(at("/api/v1/accounts/{person_id}/link", person), {}),
  endGrant: (grant: Id, reason: string) => http.post<{ ok: boolean }>(at("/api/v1/accounts/grants/{grant_id}/end", grant), { reason }),
  endAccount: (person: Id, reason: string) => http.post<{ ok: boolean }>(at("/api/v1/accounts/{person_id}/end", person), { reason }),
  unlock: (person: Id) => http.post<{ ok: boolean }>(at("/api/v1/accounts/{person_id}/unlock", person), {}),
  resetFactor: (person: Id, reason: string) => http.post<{ ok: boolean }>(at("/api/v1/accounts/{person_id}/reset-factor", person), { reason }),
  sessionsOf: (person: Id) => http.get<{ items: OpenSession[] }>(at("/api/v1/accounts/{person_id}/sessions", person)),

  sessions: () => http.get<{ items: OpenSession[] }>("/sessions"),
  endSession: (id: string) => http.post<{ ok: boolean }>(at("/api/v1/sessions/{session_id}/end", id), {}),
  endOthers: () => http.post<{ ended: number }>("/sessions/end-others", {}),
  signIns: (query: { before?: string | null; outcome?: string }) => http.get<Schemas["SignInsOut"]>("/sign-ins", query),

  roles: () => http.get<Schemas["RolesOut"]>("/roles"),
  defineRole: (body: Schemas["RoleIn"]) => http.post<{ code: string }>("/roles", body),
  changeRole: (role: string, body: Schemas["RoleIn"]) => http.put<{ code: string }>(at("/api/v1/roles/{role}", role), body),
  withdrawRole: (role: string, reason: string) => http.post<{ code: string }>(at("/api/v1/roles/{role}/withdraw", role), { reason }),
  rules: () => http.get<SignInRules>("/sign-in-rules"),
  setRules: (body: Schemas["PolicyIn"]) => http.put<SignInRules>("/sign-in-rules", body),

  keys: () => http.get<Schemas["ApiKeysOut"]>("/api-keys"),
  makeKey: (body: Schemas["ApiKeyIn"]) => http.post<Schemas["NewApiKeyOut"]>("/api-keys", body),
  revokeKey: (key: Id, reason: string) => http.post<{ ok: boolean }>(at("/api/v1/api-keys/{api_key_id}/revoke", key), { reason }),

  identities: () => http.get<Identities>("/identities"),
  unlink: (identity: Id, reason: string) => http.post<{ ok: boolean }>(at("/api/v1/identities/{identity_id}/unlink", identity), { reason }),
  linkTo: (provider: string) => http.post<{ location: string }>(at("/api/v1/sign-on/{provider}/link", provider), {}),
  /** Not fetched: the browser goes there. */
  startAt: (provider: string): string => address(at("/api/v1/sign-on/{provider}/start", provider)),
};
