import { onUnmounted } from "vue";

interface Opened {
  mark: string;
  close: () => void;
}

/** Sheets that are open, the top one last: one press of the back key closes one. */
const opened: Opened[] = [];
/** Steps back that we took ourselves; their events are nobody's press. */
let ownSteps = 0;

function onBack(): void {
  if (ownSteps > 0) {
    ownSteps -= 1;
    return;
  }
  opened.pop()?.close();
}

/** The phone's back key closes the sheet instead of leaving the page. Call it in a sheet's setup. */
export function useBackButton(close: () => void): void {
  const sheet: Opened = { mark: `sheet-${Math.random().toString(36).slice(2)}`, close };
  // The same function again is not added again.
  window.addEventListener("popstate", onBack);
  opened.push(sheet);
  history.pushState({ mark: sheet.mark }, "");
  onUnmounted(() => {
    const at = opened.indexOf(sheet);
    if (at >= 0) opened.splice(at, 1);
    if ((history.state as { mark?: string } | null)?.mark !== sheet.mark) return;
    ownSteps += 1;
    history.back();
  });
}
