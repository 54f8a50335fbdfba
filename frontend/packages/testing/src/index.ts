/** A county and a night that are always the same, and a server that tells them as the back end would. */
export { chance } from "./chance.ts";
export { inventCounty, type County, type Village } from "./county.ts";
export { CALLED, Night, OPENED_AT_MS, warningDetail } from "./night.ts";
export { fakeServer, type FakeServer } from "./server.ts";
