/** The state of the page, shared by its sections. */
import { privacyApi } from "@fengsui/api";
import { resource } from "@fengsui/data";

export const retention = resource(() => privacyApi.retention());

/** An erasure is carried out in the background within seconds: look again until it is done. */
const LOOK_AGAIN_MS = 2500;
const LOOKS_MAX = 24;
let looking: number | undefined;

export function lookAgain(looks = LOOKS_MAX): void {
  clearTimeout(looking);
  void retention.refresh().then(() => {
    const isRunning = retention.value.value?.erasures.some((one) => one.done_at === null) ?? false;
    if (isRunning && looks > 0) looking = window.setTimeout(() => lookAgain(looks - 1), LOOK_AGAIN_MS);
  });
}
