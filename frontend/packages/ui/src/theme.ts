/** Night for the duty room, day for rain and sun; "system" follows the device. */
import { computed, ref, type ComputedRef } from "vue";

export type ThemeChoice = "night" | "day" | "system";
export type Theme = "night" | "day";

const STORAGE_KEY = "fengsui.theme";
const choice = ref<ThemeChoice>("system");
const systemIsDark = ref(false);

export const themeChoice: ComputedRef<ThemeChoice> = computed(() => choice.value);
export const theme: ComputedRef<Theme> = computed(() =>
  choice.value === "system" ? (systemIsDark.value ? "night" : "day") : choice.value,
);

function show(): void {
  document.documentElement.dataset["theme"] = theme.value;
}

export function setTheme(next: ThemeChoice): void {
  choice.value = next;
  show();
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    /* storage may be refused; the choice then lasts for this page */
  }
}

/** Call once before mounting, so that the first paint already has its colours. */
export function startTheme(fallback: ThemeChoice): void {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  systemIsDark.value = dark.matches;
  dark.addEventListener("change", (event) => {
    systemIsDark.value = event.matches;
    show();
  });
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    /* as above */
  }
  choice.value = stored === "night" || stored === "day" || stored === "system" ? stored : fallback;
  show();
}
