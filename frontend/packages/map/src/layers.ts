/** The layers from the ground up. Paint is a function of the colours, so a change of theme repaints in place. */
import type { Level } from "@fengsui/domain";
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";

import type { MapColours } from "./colours";

export const SOURCES = [
  "county",
  "townships",
  "contours",
  "rivers",
  "roads",
  "danger",
  "warning",
  "dots",
  "venues",
  "villages",
  "named",
  "seats",
] as const;
export type SourceName = (typeof SOURCES)[number];

/** Layers a person may switch off; the rest is the instrument itself. */
export type Switchable = "contours" | "rivers" | "roads" | "danger" | "seats" | "dots" | "venues";

/** What a switch turns on and off together. */
export const LAYERS_OF: Record<Switchable, readonly string[]> = {
  contours: ["contours"],
  rivers: ["rivers", "river-names"],
  roads: ["roads-casing", "roads"],
  danger: ["danger", "danger-edge", "danger-names"],
  seats: ["seats"],
  dots: ["dots-many", "dots"],
  venues: ["venues", "venue-names"],
};
/** What 天地图 draws itself; the county's own lines stay above it. */
export const UNDER_TILES = ["county", "contours", "rivers", "river-names", "roads-casing", "roads"] as const;

const FONT = ["Noto Sans SC Variable", "Noto Sans SC", "sans-serif"];
const FONT_STRONG = ["Noto Sans SC Variable Bold", "Noto Sans SC Variable", "Noto Sans SC", "sans-serif"];
const state = (name: string): ExpressionSpecification => ["feature-state", name];

/** 1 is the main river or road; data without ranks is all main. */
const rank: ExpressionSpecification = ["max", 1, ["coalesce", ["to-number", ["get", "rank"], 1], 1]];
/** Every hundred metres a stronger line, where the county's contours say how high they are. */
const isHundred: ExpressionSpecification = ["==", ["%", ["coalesce", ["to-number", ["get", "elevation_m"], 1], 1], 100], 0];
const NAMES_FROM_ZOOM = 11;

export function layers(colours: MapColours, level: Level): LayerSpecification[] {
  return [...ground(colours), ...areas(colours, level), ...households(colours), ...places(colours)];
}

function ground(colours: MapColours): LayerSpecification[] {
  const halo = { "text-halo-color": colours.land, "text-halo-width": 1.4 };
  return [
    { id: "ground", type: "background", paint: { "background-color": colours.ground } },
    { id: "county", type: "fill", source: "county", paint: { "fill-color": colours.land } },
    {
      id: "contours",
      type: "line",
      source: "contours",
      layout: { "line-join": "round" },
      paint: {
        "line-color": colours.relief,
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 13, ["case", isHundred, 1.8, 0.9], 16, ["case", isHundred, 2.6, 1.2]],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 8, ["case", isHundred, 1, 0.55], 12, 1],
      },
    },
    {
      id: "rivers",
      type: "line",
      source: "rivers",
      layout: { "line-cap": "round", "line-join": "round" },
      // Brooks of a high rank are thin and come last, or a mountain county would be all water.
      paint: {
        "line-color": colours.water,
        "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 8, ["/", 1.6, rank], 13, ["/", 6, rank], 16, ["/", 16, rank]],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 8, ["/", 1, rank], 12, 1],
      },
    },
    {
      id: "roads-casing",
      type: "line",
      source: "roads",
      minzoom: NAMES_FROM_ZOOM,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": colours.ground,
        "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 11, ["/", 3, rank], 13, ["/", 5.5, rank], 16, ["/", 14, rank]],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 11, 0, 12.5, 0.9],
      },
    },
    {
      id: "roads",
      type: "line",
      source: "roads",
      minzoom: 8.5,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": colours.road,
        "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 8.5, ["/", 1, rank], 13, ["/", 3, rank], 16, ["/", 9, rank]],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 8.5, ["case", ["==", rank, 1], 1, 0], 10, 1],
      },
    },
    {
      id: "river-names",
      type: "symbol",
      source: "rivers",
      minzoom: NAMES_FROM_ZOOM,
      filter: ["!=", ["coalesce", ["get", "name"], ""], ""],
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-letter-spacing": 0.2, "symbol-spacing": 380 },
      paint: { "text-color": colours.waterInk, ...halo },
    },
    {
      id: "townships",
      type: "line",
      source: "townships",
      paint: { "line-color": colours.landLine, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 1, 14, 2], "line-dasharray": [3, 1.4] },
    },
    {
      id: "county-edge",
      type: "line",
      source: "county",
      layout: { "line-join": "round" },
      paint: { "line-color": colours.landEdge, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 1.2, 13, 2.4] },
    },
  ];
}

function areas(colours: MapColours, level: Level): LayerSpecification[] {
  const warning = level === "none" ? colours.accent : colours[level];
  return [
    { id: "danger", type: "fill", source: "danger", paint: { "fill-color": colours.orange, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.42, 14, 0.22] } },
    { id: "danger-edge", type: "line", source: "danger", paint: { "line-color": colours.orange, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1, 14, 2] } },
    { id: "warning", type: "fill", source: "warning", paint: { "fill-pattern": "hatch", "fill-opacity": 0.55 } },
    { id: "warning-edge", type: "line", source: "warning", paint: { "line-color": warning, "line-width": 1.6 } },
  ];
}

/** Many households are one soft disc as large as they are many; near by, each is a dot. */
function households(colours: MapColours): LayerSpecification[] {
  const many: ExpressionSpecification = ["sqrt", ["coalesce", ["get", "households"], ["get", "n"], 1]];
  return [
    {
      id: "dots-many",
      type: "circle",
      source: "dots",
      filter: ["has", "point_count"],
      paint: {
        "circle-color": colours.dot,
        "circle-opacity": 0.28,
        "circle-radius": ["interpolate", ["linear"], many, 1, 2.5, 10, 8, 40, 20, 120, 30],
      },
    },
    {
      id: "dots",
      type: "circle",
      source: "dots",
      filter: ["!", ["has", "point_count"]],
      paint: {
        "circle-color": colours.dot,
        "circle-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 14, 0.9],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, ["+", 0.8, ["*", 0.5, many]], 13, ["+", 1.6, ["*", 0.6, many]], 16, ["+", 3.4, many]],
      },
    },
  ];
}

function places(colours: MapColours): LayerSpecification[] {
  const tone: ExpressionSpecification = [
    "match",
    ["coalesce", state("tone"), ""],
    "answered",
    colours.answered,
    "calling",
    colours.calling,
    "unanswered",
    colours.unanswered,
    colours.quiet,
  ];
  const inArea: ExpressionSpecification = ["!=", ["coalesce", state("tone"), ""], ""];
  const onGround = { "text-halo-color": colours.ground, "text-halo-width": 1.8 };
  return [
    {
      id: "venues",
      type: "symbol",
      source: "venues",
      minzoom: 11,
      layout: { "icon-image": "venue", "icon-size": ["interpolate", ["linear"], ["zoom"], 11, 0.7, 15, 1.1], "icon-allow-overlap": true },
    },
    {
      id: "villages",
      type: "circle",
      source: "villages",
      paint: {
        "circle-color": tone,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, ["case", inArea, 5, 2.4], 12, ["case", inArea, 7, 4]],
        "circle-opacity": ["case", inArea, 1, 0.8],
        "circle-stroke-width": ["case", inArea, 1.5, 0.8],
        "circle-stroke-color": colours.ground,
      },
    },
    {
      id: "named-ring",
      type: "circle",
      source: "named",
      paint: {
        "circle-radius": 10.5,
        "circle-opacity": 0,
        "circle-stroke-width": 1.6,
        "circle-stroke-color": ["match", ["get", "tone"], "selected", colours.accent, colours.unanswered],
      },
    },
    {
      id: "danger-names",
      type: "symbol",
      source: "danger",
      minzoom: 12.5,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-max-width": 8 },
      paint: { "text-color": colours.orangeInk, "text-halo-color": colours.land, "text-halo-width": 1.6 },
    },
    {
      id: "venue-names",
      type: "symbol",
      source: "venues",
      minzoom: 13,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-anchor": "left", "text-offset": [0.8, 0] },
      paint: { "text-color": colours.inkQuiet, "text-halo-color": colours.land, "text-halo-width": 1.6 },
    },
    {
      id: "village-names",
      type: "symbol",
      source: "villages",
      minzoom: NAMES_FROM_ZOOM,
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 11, 12, 14, 14],
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 0.7,
        "text-optional": true,
      },
      paint: { "text-color": colours.inkQuiet, "text-halo-color": colours.land, "text-halo-width": 1.6 },
    },
    {
      id: "seats",
      type: "symbol",
      source: "seats",
      maxzoom: 14,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": ["interpolate", ["linear"], ["zoom"], 8, 12, 12, 15], "text-letter-spacing": 0.06, "text-padding": 2 },
      paint: { "text-color": colours.inkQuiet, "text-halo-color": colours.land, "text-halo-width": 1.6 },
    },
    {
      id: "named",
      type: "symbol",
      source: "named",
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONT_STRONG,
        "text-size": 14,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 1.1,
        "text-justify": "auto",
        "text-allow-overlap": false,
        "text-padding": 1,
      },
      paint: { "text-color": colours.ink, ...onGround },
    },
  ];
}
