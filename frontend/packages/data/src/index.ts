/** Server state for screens: fetch, keep the last good answer, say how old it is. */
export * from "./resource";
