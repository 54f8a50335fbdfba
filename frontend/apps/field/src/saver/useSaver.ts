import { computed, ref, watch } from "vue";

import { useBattery } from "../device/useBattery";

/** At this charge and below the phone saves what is left, by itself. */
export const LOW_PERCENT = 20;
/** From here on it says what to do without a phone. */
export const LAST_PERCENT = 5;

const byHand = ref(false);
/** The person left it although the battery is low: not again until it was charged. */
const refused = ref(false);

export function useSaver(quiet: { value: boolean }) {
  const battery = useBattery();
  const isLow = computed(() => battery.value !== null && !battery.value.charging && battery.value.percent <= LOW_PERCENT);
  const isLast = computed(() => battery.value !== null && !battery.value.charging && battery.value.percent <= LAST_PERCENT);
  const isOn = computed(() => byHand.value || (isLow.value && !refused.value));

  watch(isLow, (low) => !low && (refused.value = false));
  watch(isOn, (on) => (quiet.value = on), { immediate: true });

  function leave(): void {
    byHand.value = false;
    refused.value = isLow.value;
  }
  return { battery, isOn, isLast, leave };
}

export function saveByHand(): void {
  byHand.value = true;
}
