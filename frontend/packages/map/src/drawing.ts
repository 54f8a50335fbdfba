/** terra-draw, wrapped once: one outline is drawn corner by corner, then its corners are moved. */
import { cornersOf, polygonOf, type Position } from "@fengsui/domain";
import type { Map as MapLibreMap } from "maplibre-gl";
import { type HexColor, TerraDraw, TerraDrawPolygonMode, TerraDrawSelectMode } from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";

import type { MapColours } from "./colours";

const DECIMALS = 7; // what the register keeps: about a centimetre
const DECIMALS_TERRA = 9;

/** `isOpen`: corners are still being added. */
export type Drawn = (corners: Position[], isOpen: boolean) => void;

export class Drawing {
  private readonly draw: TerraDraw;
  private id: string | number | null = null;
  private isQuiet = false;
  /** The corners that both sides know. */
  private told: Position[] | null = null;

  constructor(map: MapLibreMap, colours: MapColours, private readonly drawn: Drawn) {
    const colour = hex(colours.orange);
    const edge = hex(colours.ground);
    const outline = { fillColor: colour, fillOpacity: 0.22, outlineColor: colour, outlineOpacity: 1, outlineWidth: 3 };
    this.draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DECIMALS_TERRA }),
      modes: [
        new TerraDrawPolygonMode({
          showCoordinatePoints: true,
          styles: {
            ...outline,
            closingPointColor: colour,
            closingPointWidth: 7,
            closingPointOutlineColor: edge,
            closingPointOutlineWidth: 2,
            coordinatePointColor: colour,
            coordinatePointWidth: 6,
            coordinatePointOutlineColor: edge,
            coordinatePointOutlineWidth: 2,
          },
        }),
        new TerraDrawSelectMode({
          allowManualDeselection: false,
          // A wet thumb is not a mouse.
          pointerDistance: matchMedia("(pointer: coarse)").matches ? 48 : 30,
          flags: { polygon: { feature: { draggable: true, selfIntersectable: true, coordinates: { draggable: true, midpoints: true, deletable: true } } } },
          styles: {
            selectedPolygonColor: colour,
            selectedPolygonFillOpacity: 0.22,
            selectedPolygonOutlineColor: colour,
            selectedPolygonOutlineWidth: 3,
            selectionPointColor: colour,
            selectionPointWidth: 7,
            selectionPointOutlineColor: edge,
            selectionPointOutlineWidth: 2,
            midPointColor: edge,
            midPointWidth: 5,
            midPointOutlineColor: colour,
            midPointOutlineWidth: 2,
          },
        }),
      ],
    });
    this.draw.start();
    this.draw.on("change", (ids, type) => {
      if (this.isQuiet || type === "styling") return;
      this.tell(ids);
    });
    this.draw.on("finish", (id, context) => {
      if (context.action === "draw") this.edit(id);
      this.say(this.corners(), false);
    });
  }

  private say(corners: Position[], isOpen: boolean): void {
    this.told = corners;
    this.drawn(corners, isOpen);
  }

  /** Draws anew where there is no outline yet, else its corners can be moved. */
  set(corners: readonly Position[]): void {
    if (same(corners, this.told)) return; // our own word coming back, perhaps with the outline still open
    this.told = [...corners];
    this.quietly(() => {
      this.draw.clear();
      this.id = null;
      if (corners.length < 3) {
        this.draw.setMode("polygon");
        return;
      }
      this.draw.setMode("select");
      const [added] = this.draw.addFeatures([
        { type: "Feature", geometry: polygonOf(corners.map(rounded)), properties: { mode: "polygon" } },
      ]);
      if (added?.valid && added.id !== undefined) {
        this.id = added.id;
        this.draw.selectFeature(added.id);
      }
    });
  }

  close(): void {
    this.isQuiet = true;
    this.draw.stop();
  }

  private edit(id: string | number): void {
    this.quietly(() => {
      this.draw.setMode("select");
      this.id = id;
      this.draw.selectFeature(id);
    });
  }

  private tell(ids: (string | number)[]): void {
    if (this.id !== null) {
      if (ids.includes(this.id)) this.say(this.corners(), false);
      return;
    }
    const [open] = this.draw.getSnapshot().filter((one) => one.geometry.type === "Polygon");
    // The last corner of an open outline is where the pointer is just now.
    if (open) this.say((cornersOf(open.geometry) ?? []).slice(0, -1).map(rounded), true);
  }

  private corners(): Position[] {
    const feature = this.id === null ? undefined : this.draw.getSnapshotFeature(this.id);
    return (feature ? (cornersOf(feature.geometry) ?? []) : []).map(rounded);
  }

  private quietly(work: () => void): void {
    this.isQuiet = true;
    try {
      work();
    } finally {
      this.isQuiet = false;
    }
  }
}

function rounded([lon, lat]: Position): Position {
  return [Number(lon.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];
}

function same(one: readonly Position[], other: readonly Position[] | null): boolean {
  if (other === null) return false;
  return one.length === other.length && one.every((corner, at) => corner[0] === other[at]?.[0] && corner[1] === other[at]?.[1]);
}

function hex(colour: string): HexColor {
  return (/^#[0-9a-f]{6}$/i.test(colour) ? colour : "#f2842b") as HexColor;
}
