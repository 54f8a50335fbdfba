/** The mark of the point that is being placed: dragged by mouse or thumb, nudged by the arrow keys. */
import type { Position } from "@fengsui/domain";
import { type Map as MapLibreMap, Marker } from "maplibre-gl";

const NUDGE_PX = 8;
const FINE_NUDGE_PX = 1;
const STEPS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class PlacingMark {
  private readonly marker: Marker;

  constructor(private readonly map: MapLibreMap, at: Position, label: string, private readonly moved: (to: Position) => void) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "map-mark";
    element.setAttribute("aria-label", label);
    this.marker = new Marker({ element, draggable: true, anchor: "bottom" }).setLngLat(at).addTo(map);
    this.marker.on("drag", () => this.tell());
    this.marker.on("dragend", () => this.tell());
    element.addEventListener("keydown", (event) => this.nudge(event));
    // The map would take the click for a new point.
    element.addEventListener("click", (event) => event.stopPropagation());
  }

  put(at: Position): void {
    const { lng, lat } = this.marker.getLngLat();
    if (lng !== at[0] || lat !== at[1]) this.marker.setLngLat(at);
  }

  close(): void {
    this.marker.remove();
  }

  private tell(): void {
    const { lng, lat } = this.marker.getLngLat();
    this.moved([lng, lat]);
  }

  private nudge(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const reach = event.shiftKey ? FINE_NUDGE_PX : NUDGE_PX;
    const { x, y } = this.map.project(this.marker.getLngLat());
    this.marker.setLngLat(this.map.unproject([x + step[0] * reach, y + step[1] * reach]));
    this.tell();
  }
}
