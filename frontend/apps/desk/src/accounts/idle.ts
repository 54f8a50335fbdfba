/** When a desk that nobody uses asks, and when it signs out. */
export interface IdleLimits {
  minutes: number;
  warning_minutes: number;
}
export interface IdleState {
  asks: boolean;
  isOver: boolean;
  secondsLeft: number;
}

export function idleState(unusedMs: number, limits: IdleLimits): IdleState {
  const leftMs = limits.minutes * 60_000 - unusedMs;
  return { asks: leftMs <= limits.warning_minutes * 60_000, isOver: leftMs <= 0, secondsLeft: Math.max(0, Math.ceil(leftMs / 1000)) };
}
