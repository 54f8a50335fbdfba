/** The typed edge to the back end: one client, one error class, one live stream. */
export { address, http, onSignedOut, setCsrfToken } from "./client";
export { api } from "./endpoints";
export { importsApi } from "./imports";
export type * from "./imports";
export { ledgersApi } from "./ledgers";
export type * from "./ledgers";
export { accountsApi } from "./accounts";
export type * from "./accounts";
export { peopleApi } from "./people";
export type * from "./people";
export { at } from "./paths";
export { privacyApi } from "./privacy";
export type * from "./privacy";
export { mapApi } from "./map";
export type * from "./map";
export { openLive, type LiveChange, type LiveHandlers } from "./live";
export { ApiProblem, asProblem, unreachable } from "./problem";
export type * from "./types";
