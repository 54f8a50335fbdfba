/** A county and a night that are always the same, and a server that tells them as the back end would. */
export { chance } from "./chance";
export { inventCounty, type County, type Village } from "./county";
export { CALLED, Night, OPENED_AT_MS, warningDetail } from "./night";
export { fakeServer, type FakeServer } from "./server";
