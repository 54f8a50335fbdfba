import { readFrame, type FrameTrouble, type Taken } from "@fengsui/data";
import { computed, ref, shallowRef } from "vue";

import type { Field } from "../shell/useField";

/** One showing of another phone: which of its codes were read, and what was new in them. */
export interface Reading extends Taken {
  set: string;
  who: string;
  count: number;
  got: Set<number>;
}

export type ReadTrouble = FrameTrouble | "none" | "picture" | "not_stored";

/** Takes texts of codes from camera, picture or paste, in any order, any number of times. */
export function useReading(field: Field) {
  const reading = shallowRef<Reading | null>(null);
  const trouble = ref<ReadTrouble | null>(null);
  const left = computed(() => (reading.value === null ? 0 : reading.value.count - reading.value.got.size));

  async function take(text: string): Promise<void> {
    const frame = readFrame(text);
    if (typeof frame === "string") {
      trouble.value = frame;
      return;
    }
    const before = reading.value?.set === frame.set ? reading.value : null;
    trouble.value = null;
    if (before?.got.has(frame.index) === true) return;
    try {
      const taken = await field.carry(frame);
      reading.value = {
        set: frame.set,
        who: frame.who,
        count: frame.count,
        got: new Set([...(before?.got ?? []), frame.index]),
        added: (before?.added ?? 0) + taken.added,
        known: (before?.known ?? 0) + taken.known,
        unsigned: (before?.unsigned ?? 0) + taken.unsigned,
      };
    } catch {
      trouble.value = "not_stored";
    }
  }

  return { reading, trouble, left, take };
}
