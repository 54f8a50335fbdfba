/** 天地图 under the county's own layers. The node fetches the tiles; where it cannot, the own base comes back. */
import type { Map as MapLibreMap } from "maplibre-gl";

import { UNDER_TILES } from "./layers";

export interface TileBase {
  /** Layers of the node's `/tiles/{name}/{z}/{x}/{y}`: the picture, and the names above it. */
  name: string;
  names: string;
  zoomMin: number;
  zoomMax: number;
}
const IDS = ["tiles", "tiles-names"] as const;

export class Tiles {
  private failed: () => void = () => undefined;

  constructor(private readonly map: MapLibreMap) {
    map.on("error", (event) => {
      const source = (event as { sourceId?: string }).sourceId;
      if (source !== undefined && (IDS as readonly string[]).includes(source)) this.failed();
    });
  }

  show(base: TileBase | null, isNight: boolean, failed: () => void): void {
    this.failed = () => undefined;
    for (const id of IDS) {
      if (this.map.getLayer(id)) this.map.removeLayer(id);
      if (this.map.getSource(id)) this.map.removeSource(id);
    }
    for (const id of UNDER_TILES) this.map.setLayoutProperty(id, "visibility", base ? "none" : "visible");
    if (!base) return;
    // One failure is told once: the page then goes back to its own base.
    this.failed = () => {
      this.failed = () => undefined;
      failed();
    };
    [base.name, base.names].forEach((name, at) => {
      const id = IDS[at] ?? "tiles";
      this.map.addSource(id, {
        type: "raster",
        tiles: [`${location.origin}/tiles/${name}/{z}/{x}/{y}`],
        tileSize: 256,
        minzoom: base.zoomMin,
        maxzoom: base.zoomMax,
      });
      // A duty room at night is dark; the map of the day would light it up.
      const paint = isNight ? { "raster-brightness-max": 0.62, "raster-saturation": -0.45 } : {};
      this.map.addLayer({ id, type: "raster", source: id, paint }, "county");
    });
  }
}
