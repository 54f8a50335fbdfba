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
  "villages",
  "named",
  "seats",
] as const;
export type SourceName = (typeof SOURCES)[number];

/** Layers a person may switch off; the rest is the instrument itself. */
export type Switchable = "contours" | "rivers" | "roads" | "danger" | "seats";

const FONT = ["Noto Sans SC Variable", "Noto Sans SC", "sans-serif"];
const FONT_STRONG = ["Noto Sans SC Variable Bold", "Noto Sans SC Variable", "Noto Sans SC", "sans-serif"];
const state = (name: string): ExpressionSpecification => ["feature-state", name];

/** 1 is the main river or road; data without ranks is all main. */
const rank: ExpressionSpecification = ["max", 1, ["coalesce", ["to-number", ["get", "rank"], 1], 1]];

export function layers(colours: MapColours, level: Level): LayerSpecification[] {
  const warning = level === "none" ? colours.accent : colours[level];
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
  return [
    { id: "ground", type: "background", paint: { "background-color": colours.ground } },
    { id: "county", type: "fill", source: "county", paint: { "fill-color": colours.land } },
    {
      id: "contours",
      type: "line",
      source: "contours",
      paint: { "line-color": colours.relief, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 13, 1.4] },
    },
    {
      id: "rivers",
      type: "line",
      source: "rivers",
      layout: { "line-cap": "round", "line-join": "round" },
      // Brooks of a high rank are thin and come last, or a mountain county would be all water.
      paint: {
        "line-color": colours.water,
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, ["/", 1.6, rank], 13, ["/", 6, rank]],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 8, ["/", 1, rank], 12, 1],
      },
    },
    {
      id: "roads",
      type: "line",
      source: "roads",
      minzoom: 9.5,
      paint: { "line-color": colours.road, "line-width": ["interpolate", ["linear"], ["zoom"], 9, ["/", 1.1, rank], 13, ["/", 3, rank]] },
    },
    {
      id: "townships",
      type: "line",
      source: "townships",
      paint: { "line-color": colours.landLine, "line-width": 1 },
    },
    { id: "county-edge", type: "line", source: "county", paint: { "line-color": colours.landEdge, "line-width": 1.4 } },
    {
      id: "danger",
      type: "fill",
      source: "danger",
      paint: { "fill-color": colours.orange, "fill-opacity": 0.3, "fill-outline-color": colours.orange },
    },
    { id: "warning", type: "fill", source: "warning", paint: { "fill-pattern": "hatch", "fill-opacity": 0.55 } },
    {
      id: "warning-edge",
      type: "line",
      source: "warning",
      paint: { "line-color": warning, "line-width": 1.6 },
    },
    {
      id: "villages",
      type: "circle",
      source: "villages",
      paint: {
        "circle-color": tone,
        "circle-radius": ["case", inArea, 6, 3],
        "circle-opacity": ["case", inArea, 1, 0.7],
        "circle-stroke-width": ["case", inArea, 1.5, 0],
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
      id: "seats",
      type: "symbol",
      source: "seats",
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12.5, "text-padding": 2 },
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
      paint: { "text-color": colours.ink, "text-halo-color": colours.ground, "text-halo-width": 1.8 },
    },
  ];
}

/** Hatching says "this is an area of a warning" without hiding what lies under it, and reads without colour. */
export function hatch(colour: string, size = 16): { width: number; height: number; data: Uint8ClampedArray } {
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d");
  if (!pen) return { width: size, height: size, data: new Uint8ClampedArray(size * size * 4) };
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift - 2, size + 2);
    pen.lineTo(shift + size + 2, -2);
    pen.stroke();
  }
  return { width: size, height: size, data: pen.getImageData(0, 0, size, size).data };
}
