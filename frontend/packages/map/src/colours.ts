/** Colours of the map, read from the theme's tokens so that map and panels never disagree. */
const NAMES = {
  ground: "--ground",
  land: "--land",
  landEdge: "--land-edge",
  landLine: "--land-line",
  relief: "--relief",
  water: "--water",
  waterInk: "--blue-ink",
  road: "--road",
  ink: "--ink",
  inkQuiet: "--ink-2",
  answered: "--ok-mark",
  calling: "--yellow-mark",
  unanswered: "--red-mark",
  quiet: "--quiet-mark",
  red: "--red-mark",
  orange: "--orange-mark",
  orangeInk: "--orange-ink",
  yellow: "--yellow-mark",
  blue: "--blue-mark",
  accent: "--accent",
  dot: "--ink-2",
} as const;

export type MapColours = Record<keyof typeof NAMES, string>;

export function readColours(element: Element): MapColours {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(NAMES).map(([name, token]) => [name, style.getPropertyValue(token).trim() || "#888888"]),
  ) as MapColours;
}
