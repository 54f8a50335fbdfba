/** Single keys of one screen. They are off while somebody writes or a dialog is open, and can be switched off
    altogether (WCAG 2.1.4): dictation software speaks single letters. */
import { onScopeDispose, shallowRef } from "vue";

const STORAGE_KEY = "fengsui.keys";
export const keysAreOn = shallowRef(remembered());

function remembered(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    return true;
  }
}

export function switchKeys(isOn: boolean): void {
  keysAreOn.value = isOn;
  try {
    localStorage.setItem(STORAGE_KEY, isOn ? "on" : "off");
  } catch {
    /* private browsing may refuse storage; the choice then lasts for this page */
  }
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (!keysAreOn.value && event.key !== "?") return;
    if (isWriting(event.target) || document.querySelector("dialog[open]")) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
  window.addEventListener("keydown", press);
  onScopeDispose(() => window.removeEventListener("keydown", press));
}
