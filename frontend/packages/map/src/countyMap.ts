/** MapLibre, wrapped once. Glyphs and pictures are made here: everything drawn comes from the node itself. */
import "maplibre-gl/dist/maplibre-gl.css";
import "./map.css";

import type { Level, Position } from "@fengsui/domain";
import type { Feature, FeatureCollection, GeoJSON, Point } from "geojson";
import {
  type GeoJSONSource,
  type LngLatBoundsLike,
  Map as MapLibreMap,
  type MapMouseEvent,
  setWorkerUrl,
  type SourceSpecification,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

import { type MapColours, readColours } from "./colours";
import type { Drawing, Drawn } from "./drawing";
import { LAYERS_OF, layers, SOURCES, type SourceName, type Switchable } from "./layers";
import { hatch, venue } from "./pictures";
import { PlacingMark } from "./placing";
import { type TileBase, Tiles } from "./tiles";

export type Tone = "answered" | "calling" | "unanswered" | "";
export interface NamedPlace {
  code: string;
  name: string;
  tone: "unanswered" | "selected";
}
export type Bounds = [number, number, number, number];
export interface CountyMapOptions {
  container: HTMLElement;
  bounds: Bounds;
  canvasLabel: string;
  onPick: (code: string) => void;
  onPickArea?: (id: string) => void;
  onFailed: (reason: string) => void;
}

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };
const PADDING_PX = { top: 24, bottom: 56, left: 24, right: 24 };
const FONT_FAMILY = "Noto Sans SC Variable";
const REACH_PX = 8; // a dot of 3 px is hard to hit; look a little around it
const MOVE_MS = 300;
const CLOSE_ZOOM = 14;
/** Up to here households are gathered into discs; nearer, each stands by itself. */
const GATHERED_TO_ZOOM = 12;

export class CountyMap {
  private map: MapLibreMap | null = null;
  private colours: MapColours;
  private level: Level = "none";
  private data = new Map<SourceName, GeoJSON>();
  private tones = new Map<string, Tone>();
  private hidden = new Set<Switchable>();
  private points = new Map<string, Position>();
  private named: string[] = [];
  private loaded = false;
  private closed = false;
  private tiles: Tiles | null = null;
  private tileBase: TileBase | null = null;
  private tilesFailed: () => void = () => undefined;
  private placed: ((at: Position) => void) | null = null;
  private mark: PlacingMark | null = null;
  private drawing: Drawing | null = null;

  constructor(private readonly options: CountyMapOptions) {
    this.colours = readColours(options.container);
  }

  /** Names are drawn on a canvas, so the slices of the font that hold them must be there first. */
  async open(labels: string): Promise<void> {
    setWorkerUrl(workerUrl);
    if (labels) {
      await Promise.allSettled(
        [400, 700].map((weight) => document.fonts.load(`${weight} 16px "${FONT_FAMILY}"`, labels)),
      );
    }
    if (this.closed) return;
    try {
      this.map = this.create();
    } catch {
      this.options.onFailed("webgl");
    }
  }

  private create(): MapLibreMap {
    const map = new MapLibreMap({
      container: this.options.container,
      bounds: this.options.bounds as LngLatBoundsLike,
      fitBoundsOptions: { padding: PADDING_PX },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      minZoom: 5,
      maxZoom: 18,
      fadeDuration: 0,
      localIdeographFontFamily: `"${FONT_FAMILY}", "Noto Sans SC", sans-serif`,
      style: { version: 8, sources: Object.fromEntries(SOURCES.map((name) => [name, this.sourceOf(name)])), layers: [] },
      locale: { "Map.Title": this.options.canvasLabel },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.on("load", () => this.furnish(map));
    map.on("click", (event) => this.click(event));
    map.on("mousemove", "villages", () => this.point(map, "pointer"));
    map.on("mouseleave", "villages", () => this.point(map, ""));
    return map;
  }

  private sourceOf(name: SourceName): SourceSpecification {
    const data = this.data.get(name) ?? EMPTY;
    if (name === "villages") return { type: "geojson", data, promoteId: "code" };
    if (name !== "dots") return { type: "geojson", data };
    return {
      type: "geojson",
      data,
      cluster: true,
      clusterRadius: 24,
      clusterMaxZoom: GATHERED_TO_ZOOM,
      clusterProperties: { households: ["+", ["get", "n"]] },
    };
  }

  private furnish(map: MapLibreMap): void {
    map.addImage("hatch", hatch(this.hatchColour()), { pixelRatio: 2 });
    map.addImage("venue", venue(this.colours.blue, this.colours.ground), { pixelRatio: 2 });
    for (const layer of layers(this.colours, this.level)) map.addLayer(layer);
    this.tiles = new Tiles(map);
    this.loaded = true;
    this.nameOnce();
    for (const [code, tone] of this.tones) this.colour(code, tone);
    for (const name of this.hidden) this.show(name, false);
    if (this.tileBase) this.setTiles(this.tileBase, this.tilesFailed);
  }

  private hatchColour(): string {
    return this.level === "none" ? this.colours.accent : this.colours[this.level];
  }

  private point(map: MapLibreMap, cursor: string): void {
    if (!this.placed && !this.drawing) map.getCanvas().style.cursor = cursor;
  }

  private click(event: MapMouseEvent): void {
    if (!this.map || !this.loaded || this.drawing) return;
    if (this.placed) {
      this.placed([event.lngLat.lng, event.lngLat.lat]);
      return;
    }
    const { x, y } = event.point;
    const around: [[number, number], [number, number]] = [
      [x - REACH_PX, y - REACH_PX],
      [x + REACH_PX, y + REACH_PX],
    ];
    const code: unknown = this.map.queryRenderedFeatures(around, { layers: ["villages"] })[0]?.properties["code"];
    if (typeof code === "string") {
      this.options.onPick(code);
      return;
    }
    const area: unknown = this.map.queryRenderedFeatures(event.point, { layers: ["danger"] })[0]?.properties["id"];
    if (typeof area === "string") this.options.onPickArea?.(area);
  }

  set(name: SourceName, data: GeoJSON): void {
    this.data.set(name, data);
    if (name === "villages" && data.type === "FeatureCollection") {
      this.points = new Map(
        data.features.flatMap((feature) => {
          const point = feature.geometry as Point | null;
          const code: unknown = feature.properties?.["code"];
          return point?.type === "Point" && typeof code === "string"
            ? [[code, [point.coordinates[0] ?? 0, point.coordinates[1] ?? 0] as Position]]
            : [];
        }),
      );
    }
    this.map?.getSource<GeoJSONSource>(name)?.setData(data);
  }

  /** Only what changed is sent to the map: a board of ten thousand villages stays quick. */
  setTones(next: ReadonlyMap<string, Tone>): void {
    for (const code of this.tones.keys()) if (!next.has(code)) this.colour(code, "");
    for (const [code, tone] of next) if (this.tones.get(code) !== tone) this.colour(code, tone);
    this.tones = new Map(next);
  }

  private colour(code: string, tone: Tone): void {
    if (this.loaded) this.map?.setFeatureState({ source: "villages", id: code }, { tone });
  }

  /** Names appear for what is wrong, and for what was picked. */
  setNamed(places: readonly NamedPlace[]): void {
    const features: Feature[] = places.flatMap((place) => {
      const point = this.points.get(place.code);
      return point
        ? [{ type: "Feature", geometry: { type: "Point", coordinates: point }, properties: { ...place } } as Feature]
        : [];
    });
    this.set("named", { type: "FeatureCollection", features });
    this.named = places.map((place) => place.code);
    this.nameOnce();
  }

  /** What is named strongly is not named a second time in grey. */
  private nameOnce(): void {
    if (this.loaded) this.map?.setFilter("village-names", ["!", ["in", ["get", "code"], ["literal", this.named]]]);
  }

  setLevel(level: Level): void {
    if (level === this.level) return;
    this.level = level;
    this.repaint();
  }

  repaint(): void {
    this.colours = readColours(this.options.container);
    const map = this.map;
    if (!map || !this.loaded) return;
    map.updateImage("hatch", hatch(this.hatchColour()));
    map.updateImage("venue", venue(this.colours.blue, this.colours.ground));
    for (const layer of layers(this.colours, this.level)) {
      for (const [property, value] of Object.entries(layer.paint ?? {})) {
        map.setPaintProperty(layer.id, property as never, value as never);
      }
    }
    if (this.tileBase) this.setTiles(this.tileBase, this.tilesFailed);
  }

  show(name: Switchable, visible: boolean): void {
    if (visible) this.hidden.delete(name);
    else this.hidden.add(name);
    if (!this.loaded) return;
    for (const id of LAYERS_OF[name]) this.map?.setLayoutProperty(id, "visibility", visible ? "visible" : "none");
  }

  /** 天地图 below, or the county's own base (null). `failed`: it could not be fetched. */
  setTiles(base: TileBase | null, failed: () => void): void {
    this.tileBase = base;
    this.tilesFailed = failed;
    if (!this.loaded || !this.tiles) return;
    this.tiles.show(base, document.documentElement.dataset["theme"] !== "day", failed);
    if (!base) for (const name of this.hidden) this.show(name, false);
  }

  /** From now on a click says where; null: no longer. */
  startPlacing(at: Position | null, label: string, placed: (at: Position) => void): void {
    this.stopPlacing();
    this.placed = placed;
    if (this.map) this.map.getCanvas().style.cursor = "crosshair";
    this.putMark(at, label);
  }

  putMark(at: Position | null, label: string): void {
    if (!this.map || !this.placed) return;
    if (at === null) {
      this.mark?.close();
      this.mark = null;
    } else if (this.mark) this.mark.put(at);
    else this.mark = new PlacingMark(this.map, at, label, this.placed);
  }

  stopPlacing(): void {
    this.mark?.close();
    this.mark = null;
    this.placed = null;
    if (this.map) this.map.getCanvas().style.cursor = "";
  }

  async startDrawing(corners: readonly Position[], drawn: Drawn): Promise<void> {
    const { Drawing } = await import("./drawing");
    const map = this.map;
    if (!map || this.closed) return;
    if (!this.loaded) await new Promise<void>((done) => map.once("load", () => done()));
    this.stopDrawing();
    this.drawing = new Drawing(map, this.colours, drawn);
    this.drawing.set(corners);
  }

  setCorners(corners: readonly Position[]): void {
    this.drawing?.set(corners);
  }

  stopDrawing(): void {
    this.drawing?.close();
    this.drawing = null;
  }

  centre(): Position {
    const { lng, lat } = this.map?.getCenter() ?? { lng: 0, lat: 0 };
    return [lng, lat];
  }

  zoomBy(steps: number): void {
    const map = this.map;
    if (map) map.easeTo({ zoom: map.getZoom() + steps, duration: 180 });
  }

  home(bounds: Bounds = this.options.bounds): void {
    this.map?.fitBounds(bounds as LngLatBoundsLike, { padding: PADDING_PX, duration: MOVE_MS });
  }

  goTo(code: string): boolean {
    const point = this.points.get(code);
    if (!point || !this.map) return false;
    this.goToPoint(point, 11);
    return true;
  }

  goToPoint(point: Position, zoom = CLOSE_ZOOM): void {
    const map = this.map;
    if (map) map.easeTo({ center: point, zoom: Math.max(map.getZoom(), zoom), duration: MOVE_MS });
  }

  close(): void {
    this.closed = true;
    this.stopPlacing();
    this.stopDrawing();
    this.map?.remove();
    this.map = null;
  }
}
