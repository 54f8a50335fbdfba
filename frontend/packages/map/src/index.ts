/** The map as an instrument. `openCountyMap` loads MapLibre only when a map is shown. */
import type { CountyMap, CountyMapOptions } from "./countyMap";

export { boundsOf, widen } from "./bounds";
export type { Bounds, CountyMap, CountyMapOptions, NamedPlace, Tone } from "./countyMap";
export type { SourceName, Switchable } from "./layers";

export async function loadCountyMap(options: CountyMapOptions): Promise<CountyMap> {
  const { CountyMap } = await import("./countyMap");
  return new CountyMap(options);
}
