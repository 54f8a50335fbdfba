/** MapLibre, wrapped once. No tiles, no glyph server: everything drawn comes from the node itself. */
import "maplibre-gl/dist/maplibre-gl.css";

import type { Level } from "@fengsui/domain";
import type { Feature, FeatureCollection, GeoJSON, Point } from "geojson";
import {
  type GeoJSONSource,
  type LngLatBoundsLike,
  Map as MapLibreMap,
  type MapMouseEvent,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

import { type MapColours, readColours } from "./colours";
import { hatch, layers, SOURCES, type SourceName, type Switchable } from "./layers";

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
  onFailed: (reason: string) => void;
}

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };
const PADDING_PX = { top: 24, bottom: 56, left: 24, right: 24 };
const FONT_FAMILY = "Noto Sans SC Variable";

export class CountyMap {
  private map: MapLibreMap | null = null;
  private colours: MapColours;
  private level: Level = "none";
  private data = new Map<SourceName, GeoJSON>();
  private tones = new Map<string, Tone>();
  private hidden = new Set<Switchable>();
  private points = new Map<string, [number, number]>();
  private loaded = false;
  private closed = false;

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
      maxZoom: 16,
      fadeDuration: 0,
      localIdeographFontFamily: `"${FONT_FAMILY}", "Noto Sans SC", sans-serif`,
      style: {
        version: 8,
        sources: Object.fromEntries(
          SOURCES.map((name) => [
            name,
            { type: "geojson" as const, data: this.data.get(name) ?? EMPTY, ...(name === "villages" ? { promoteId: "code" } : {}) },
          ]),
        ),
        layers: [],
      },
      locale: { "Map.Title": this.options.canvasLabel },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.on("load", () => {
      map.addImage("hatch", hatch(this.hatchColour()), { pixelRatio: 2 });
      for (const layer of layers(this.colours, this.level)) map.addLayer(layer);
      this.loaded = true;
      for (const [code, tone] of this.tones) this.mark(code, tone);
      for (const name of this.hidden) this.show(name, false);
    });
    map.on("click", (event) => this.pick(event));
    map.on("mousemove", "villages", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "villages", () => (map.getCanvas().style.cursor = ""));
    return map;
  }

  private hatchColour(): string {
    return this.level === "none" ? this.colours.accent : this.colours[this.level];
  }

  private pick(event: MapMouseEvent): void {
    if (!this.map || !this.loaded) return;
    const reach = 8; // a dot of 3 px is hard to hit; look a little around it
    const { x, y } = event.point;
    const hits = this.map.queryRenderedFeatures(
      [
        [x - reach, y - reach],
        [x + reach, y + reach],
      ],
      { layers: ["villages"] },
    );
    const code: unknown = hits[0]?.properties["code"];
    if (typeof code === "string") this.options.onPick(code);
  }

  set(name: SourceName, data: GeoJSON): void {
    this.data.set(name, data);
    if (name === "villages" && data.type === "FeatureCollection") {
      this.points = new Map(
        data.features.flatMap((feature) => {
          const point = feature.geometry as Point | null;
          const code: unknown = feature.properties?.["code"];
          return point?.type === "Point" && typeof code === "string"
            ? [[code, [point.coordinates[0] ?? 0, point.coordinates[1] ?? 0] as [number, number]]]
            : [];
        }),
      );
    }
    this.map?.getSource<GeoJSONSource>(name)?.setData(data);
  }

  /** Only what changed is sent to the map: a board of ten thousand villages stays quick. */
  setTones(next: ReadonlyMap<string, Tone>): void {
    for (const code of this.tones.keys()) if (!next.has(code)) this.mark(code, "");
    for (const [code, tone] of next) if (this.tones.get(code) !== tone) this.mark(code, tone);
    this.tones = new Map(next);
  }

  private mark(code: string, tone: Tone): void {
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
    for (const layer of layers(this.colours, this.level)) {
      for (const [property, value] of Object.entries(layer.paint ?? {})) {
        map.setPaintProperty(layer.id, property as never, value as never);
      }
    }
  }

  show(name: Switchable, visible: boolean): void {
    if (visible) this.hidden.delete(name);
    else this.hidden.add(name);
    if (this.loaded) this.map?.setLayoutProperty(name, "visibility", visible ? "visible" : "none");
  }

  zoomBy(steps: number): void {
    const map = this.map;
    if (map) map.easeTo({ zoom: map.getZoom() + steps, duration: 180 });
  }

  home(bounds: Bounds = this.options.bounds): void {
    this.map?.fitBounds(bounds as LngLatBoundsLike, { padding: PADDING_PX, duration: 300 });
  }

  goTo(code: string): boolean {
    const point = this.points.get(code);
    if (!point || !this.map) return false;
    this.map.easeTo({ center: point, zoom: Math.max(this.map.getZoom(), 11), duration: 300 });
    return true;
  }

  close(): void {
    this.closed = true;
    this.map?.remove();
    this.map = null;
  }
}
