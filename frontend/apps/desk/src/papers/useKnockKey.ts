/** F9 opens the door-knock sheets to print: a function key, since letters belong to whoever types. */
import { onScopeDispose } from "vue";

export const PRINT_KEY = "F9";

export function useKnockKey(address: () => string): void {
  const press = (event: KeyboardEvent): void => {
    if (event.key !== PRINT_KEY || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    event.preventDefault();
    window.open(address(), "_blank", "noopener");
  };
  window.addEventListener("keydown", press);
  onScopeDispose(() => window.removeEventListener("keydown", press));
}
