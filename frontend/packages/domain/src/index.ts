/** Plain TypeScript: words, times and sums of the trade. No Vue, no fetch. */
export * from "./balance";
export * from "./coordinates";
export * from "./curve";
export * from "./outline";
export * from "./times";
export * from "./units";
export * from "./until";
export * from "./warning";
export * from "./words";
