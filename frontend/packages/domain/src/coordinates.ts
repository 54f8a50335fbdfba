/** The four ways in which an office writes a position. Kept is WGS-84; the formulas are those of
    `fengsui/standards/coordinates.py` and share its golden vectors (`spec/coordinates.json`). */

export const SYSTEMS = ["wgs84", "cgcs2000", "gcj02", "bd09"] as const;
export type CoordinateSystem = (typeof SYSTEMS)[number];
/** Longitude, latitude in degrees. */
export type Position = [number, number];

const A = 6_378_245.0;
const EE = 0.006_693_421_622_965_943;
const BAIDU_PI = (Math.PI * 3000) / 180;
/** The box of the public formula: outside it nothing is shifted. */
const WEST = 72.004;
const EAST = 137.8347;
const SOUTH = 0.8293;
const NORTH = 55.8271;
const ROUNDS_MAX = 12;
const CLOSE_DEGREES = 1e-10;

export function isShifted([lon, lat]: Position): boolean {
  return lon >= WEST && lon <= EAST && lat >= SOUTH && lat <= NORTH;
}

export function toWgs84(there: Position, system: CoordinateSystem): Position {
  if (system === "gcj02") return unshift(there);
  if (system === "bd09") return unshift(bd09ToGcj02(there));
  return [there[0], there[1]];
}

export function fromWgs84(position: Position, system: CoordinateSystem): Position {
  if ((system !== "gcj02" && system !== "bd09") || !isShifted(position)) return [position[0], position[1]];
  return system === "gcj02" ? shift(position) : gcj02ToBd09(shift(position));
}

export function gcj02ToBd09([lon, lat]: Position): Position {
  const reach = Math.hypot(lon, lat) + 0.000_02 * Math.sin(lat * BAIDU_PI);
  const turn = Math.atan2(lat, lon) + 0.000_003 * Math.cos(lon * BAIDU_PI);
  return [reach * Math.cos(turn) + 0.0065, reach * Math.sin(turn) + 0.006];
}

export function bd09ToGcj02([lon, lat]: Position): Position {
  const start: Position = [lon - 0.0065, lat - 0.006];
  return isShifted(start) ? undo(gcj02ToBd09, [lon, lat], start) : [lon, lat];
}

function unshift(there: Position): Position {
  const found = undo(shift, there, there);
  return isShifted(found) ? found : [there[0], there[1]];
}

/** Walks back until the formula gives what was asked for: less than a centimetre. */
function undo(formula: (position: Position) => Position, there: Position, start: Position): Position {
  let guess = start;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const now = formula(guess);
    const off: Position = [now[0] - there[0], now[1] - there[1]];
    guess = [guess[0] - off[0], guess[1] - off[1]];
    if (Math.abs(off[0]) < CLOSE_DEGREES && Math.abs(off[1]) < CLOSE_DEGREES) break;
  }
  return guess;
}

function shift([lon, lat]: Position): Position {
  const { PI, sin, cos, sqrt, abs } = Math;
  const x = lon - 105;
  const y = lat - 35;
  const root = sqrt(abs(x));
  const waves = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves;
  north += ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3;
  north += ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves;
  east += ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3;
  east += ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const latitude = (lat / 180) * PI;
  const magic = 1 - EE * sin(latitude) ** 2;
  const meridian = (A * (1 - EE)) / (magic * sqrt(magic));
  const parallel = (A / sqrt(magic)) * cos(latitude);
  return [lon + (east * 180) / (parallel * PI), lat + (north * 180) / (meridian * PI)];
}

const PAIR_SIZE = 2;
const NUMBERS = /[-+]?\d+(?:\.\d+)?/g;
const MARKS = /[°′'″"度分秒]/;

/** What a person typed or pasted: two numbers, "longitude, latitude" or the other way round where
    only that can be meant (a longitude above 90), or degrees, minutes and seconds with marks. */
export function readPosition(text: string): Position | null {
  const halves = splitHalves(text);
  if (halves === null) return null;
  const [first, second] = halves.map(degreesOf) as [number | null, number | null];
  if (first === null || second === null) return null;
  const turned = (Math.abs(first) <= 90 && Math.abs(second) > 90) || /^[^,，;；]*(?:[NS纬]|lat)/i.test(text.trim());
  const [lon, lat] = turned ? [second, first] : [first, second];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

function splitHalves(text: string): [string, string] | null {
  const parts = text.trim().split(/[,，;；\n]+/).map((one) => one.trim()).filter(Boolean);
  if (parts.length === PAIR_SIZE) return parts as [string, string];
  if (parts.length !== 1 || parts[0] === undefined) return null;
  const numbers = parts[0].match(NUMBERS);
  if (numbers?.length === PAIR_SIZE && !MARKS.test(parts[0])) return numbers as [string, string];
  const marked = parts[0].split(/(?<=[NSEW])\s*(?=\d)|(?<=[″"秒])\s+(?=\S)/i).filter(Boolean);
  return marked.length === PAIR_SIZE ? (marked as [string, string]) : null;
}

function degreesOf(half: string): number | null {
  const numbers = (half.match(NUMBERS) ?? []).map(Number);
  const [degrees, minutes = 0, seconds = 0] = numbers;
  if (degrees === undefined || numbers.length > 3 || minutes >= 60 || seconds >= 60) return null;
  if (numbers.length > 1 && !MARKS.test(half)) return null;
  const size = Math.abs(degrees) + minutes / 60 + seconds / 3600;
  return degrees < 0 || /[SW南西]/i.test(half) ? -size : size;
}

/** Six decimals: ten centimetres, more than anybody can point at. */
export function writePosition([lon, lat]: Position): string {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)}`;
}
