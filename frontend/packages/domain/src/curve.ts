/** The reached curve: how many had answered or been reached after so many seconds. */
export type CurvePoint = readonly [seconds: number, reached: number];

export interface CurveShape {
  line: string;
  area: string;
  projection: string;
  end: { x: number; y: number };
}

/** Paths in a box of `width` × `height` units; time runs to `spanSeconds`, height to `total`. */
export function curveShape(
  points: readonly CurvePoint[],
  total: number,
  spanSeconds: number,
  nowSeconds: number,
  projectedSeconds: number | null,
  width: number,
  height: number,
): CurveShape {
  // A projection may run beyond the right edge; the drawing cuts it there.
  const x = (seconds: number): number => round((Math.max(seconds, 0) / spanSeconds) * width);
  const y = (reached: number): number => round(height - (total ? reached / total : 0) * height);
  const seen = points.filter(([seconds]) => seconds <= nowSeconds);
  const last = seen[seen.length - 1]?.[1] ?? 0;
  let line = `M0 ${y(0)}`;
  let before = 0;
  for (const [seconds, reached] of seen) {
    // Steps, not slopes: nobody answered between two answers.
    line += ` L${x(seconds)} ${y(before)} L${x(seconds)} ${y(reached)}`;
    before = reached;
  }
  const end = { x: x(nowSeconds), y: y(last) };
  line += ` L${end.x} ${end.y}`;
  const projection =
    projectedSeconds !== null && projectedSeconds > nowSeconds && last < total
      ? `M${end.x} ${end.y} Q${x(nowSeconds + (projectedSeconds - nowSeconds) * 0.4)} ${y(last + (total - last) * 0.75)} ${x(projectedSeconds)} ${y(total)}`
      : "";
  return { line, area: `${line} L${end.x} ${height} L0 ${height} Z`, projection, end };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A round stretch of time that holds what happened, at least the five minutes people are judged by.
    What is projected gets room too, but never so much that the past shrinks to a sliver. */
export function curveSpan(nowSeconds: number, projectedSeconds: number | null): number {
  const needed = Math.min(Math.max(nowSeconds, projectedSeconds ?? 0) * 1.08, Math.max(nowSeconds * 1.8, 480));
  const steps = [480, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 14_400, 28_800, 86_400];
  return steps.find((step) => step >= needed) ?? Math.ceil(needed / 86_400) * 86_400;
}

/** The same curve as a share of everybody, so that nights of unequal size lie on one another. Steps. */
export function sharePath(points: readonly CurvePoint[], called: number, spanSeconds: number, untilSeconds: number, width: number, height: number): string {
  if (!called) return "";
  const x = (seconds: number): number => round((Math.min(seconds, spanSeconds) / spanSeconds) * width);
  const y = (reached: number): number => round(height - (reached / called) * height);
  let line = `M0 ${y(0)}`;
  let before = 0;
  for (const [seconds, reached] of points) {
    if (seconds > Math.min(spanSeconds, untilSeconds)) break;
    line += ` L${x(seconds)} ${y(before)} L${x(seconds)} ${y(reached)}`;
    before = reached;
  }
  return `${line} L${x(untilSeconds)} ${y(before)}`;
}
