/** The map as an instrument. `loadCountyMap` loads MapLibre only when a map is shown. */
import type { CountyMap, CountyMapOptions } from "./countyMap";

export { boundsOf, widen } from "./bounds";
export type { Bounds, CountyMap, CountyMapOptions, NamedPlace, Tone } from "./countyMap";
export { dotFeatures, readDots } from "./dots";
export type { SourceName, Switchable } from "./layers";
export type { TileBase } from "./tiles";

export async function loadCountyMap(options: CountyMapOptions): Promise<CountyMap> {
  const { CountyMap } = await import("./countyMap");
  return new CountyMap(options);
}
