import { onUnmounted } from "vue";

/** The phone's back key closes the sheet instead of leaving the page. Call it in a sheet's setup. */
export function useBackButton(close: () => void): void {
  const mark = `sheet-${Math.random().toString(36).slice(2)}`;
  history.pushState({ mark }, "");
  const onBack = (): void => close();
  window.addEventListener("popstate", onBack);
  onUnmounted(() => {
    window.removeEventListener("popstate", onBack);
    if ((history.state as { mark?: string } | null)?.mark === mark) history.back();
  });
}
