/** The node's clock, not this machine's: a duty room computer may be minutes off. In a demonstration it runs faster. */
import { computed, shallowRef } from "vue";

const TICK_MS = 250;
const reading = shallowRef({ serverMs: Date.now(), localMs: Date.now(), rate: 1 });
const localNow = shallowRef(Date.now());

setInterval(() => (localNow.value = Date.now()), TICK_MS);

function sync(iso: string, rate: number): void {
  const serverMs = Date.parse(iso);
  if (Number.isFinite(serverMs)) reading.value = { serverMs, localMs: Date.now(), rate };
}

export const serverClock = {
  sync,
  nowMs: computed(() => {
    const { serverMs, localMs, rate } = reading.value;
    return serverMs + Math.max(0, localNow.value - localMs) * rate;
  }),
};
