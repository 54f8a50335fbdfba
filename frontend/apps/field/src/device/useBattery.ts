import { ref, type Ref } from "vue";

interface BatteryManager extends EventTarget {
  level: number;
  charging: boolean;
}

export interface Battery {
  percent: number;
  charging: boolean;
}

/** The battery where the browser tells it (Chromium on a secure origin), otherwise null. */
export function useBattery(): Ref<Battery | null> {
  const battery = ref<Battery | null>(null);
  const ask = (navigator as Navigator & { getBattery?: () => Promise<BatteryManager> }).getBattery;
  if (ask === undefined) return battery;
  void ask.call(navigator).then(
    (manager) => {
      const read = (): void => {
        battery.value = { percent: Math.round(manager.level * 100), charging: manager.charging };
      };
      read();
      manager.addEventListener("levelchange", read);
      manager.addEventListener("chargingchange", read);
    },
    () => undefined,
  );
  return battery;
}
