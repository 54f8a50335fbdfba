/** The state of a box that looks choices up as one types. Answers that come late are answers to another question. */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

export interface Option {
  key: string;
  label: string;
  hint?: string;
}
export type Look = (text: string) => Promise<readonly Option[]>;

export interface OptionSearch {
  text: Ref<string>;
  options: ShallowRef<readonly Option[]>;
  active: Ref<number>;
  state: Ref<"closed" | "looking" | "shown" | "failed">;
  activeOption: ComputedRef<Option | null>;
  /** Looks at once; `soon` waits until the typing pauses. */
  look: (text: string) => Promise<void>;
  soon: (text: string) => void;
  close: () => void;
}

const PAUSE_MS = 180;

export function optionSearch(find: Look): OptionSearch {
  const text = ref("");
  const options = shallowRef<readonly Option[]>([]);
  const active = ref(-1);
  const state = ref<"closed" | "looking" | "shown" | "failed">("closed");
  let turn = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;

  async function look(wanted: string): Promise<void> {
    clearTimeout(pause);
    const mine = ++turn;
    text.value = wanted;
    state.value = "looking";
    try {
      const found = await find(wanted.trim());
      if (mine !== turn) return;
      options.value = found;
      active.value = found.length && wanted.trim() ? 0 : -1;
      state.value = "shown";
    } catch {
      if (mine !== turn) return;
      options.value = [];
      active.value = -1;
      state.value = "failed";
    }
  }
  return {
    text,
    options,
    active,
    state,
    activeOption: computed(() => options.value[active.value] ?? null),
    look,
    soon(wanted) {
      text.value = wanted;
      state.value = "looking";
      clearTimeout(pause);
      pause = setTimeout(() => void look(wanted), PAUSE_MS);
    },
    close() {
      clearTimeout(pause);
      turn += 1;
      state.value = "closed";
      active.value = -1;
    },
  };
}
