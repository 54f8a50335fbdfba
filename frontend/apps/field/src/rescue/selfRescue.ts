/** A self-rescue call, step by step: write, be sure, hand over, hear what became of it. */
import { Refusal, type Problem, type SelfRescueTaken } from "@fengsui/data";
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

/** A second tap of a shaking hand falls into this pause and does nothing. */
export const PAUSE_MILLISECONDS = 700;

export type Step = "write" | "sure" | "sending" | "taken" | "offline" | "unknown" | "refused" | "signed_out";

export interface SelfRescue {
  step: Ref<Step>;
  text: Ref<string>;
  isMissing: Ref<boolean>;
  taken: ShallowRef<SelfRescueTaken | null>;
  problem: ShallowRef<Problem | null>;
  /** From the text to the question; false while there is no text. */
  toSure(): boolean;
  back(): void;
  call(): Promise<void>;
}

export function selfRescue(
  send: (text: string) => Promise<SelfRescueTaken>,
  device: { now: () => number; isOnline: () => boolean } = { now: () => Date.now(), isOnline: () => navigator.onLine },
): SelfRescue {
  const step = ref<Step>("write");
  const text = ref("");
  const isMissing = ref(false);
  const taken = shallowRef<SelfRescueTaken | null>(null);
  const problem = shallowRef<Problem | null>(null);
  let askedAt = 0;

  function toSure(): boolean {
    isMissing.value = text.value.trim() === "";
    if (isMissing.value) return false;
    askedAt = device.now();
    step.value = "sure";
    return true;
  }

  function back(): void {
    step.value = "write";
  }

  async function call(): Promise<void> {
    if (step.value !== "sure" || device.now() - askedAt < PAUSE_MILLISECONDS) return;
    if (!device.isOnline()) {
      step.value = "offline";
      return;
    }
    step.value = "sending";
    try {
      taken.value = await send(text.value.trim());
      step.value = "taken";
    } catch (error) {
      step.value = ended(error);
    }
  }

  function ended(error: unknown): Step {
    // A cut after sending tells nothing: the box may have taken it before the line broke.
    if (!(error instanceof Refusal)) return "unknown";
    problem.value = error.problem;
    if (error.status === 401) return "signed_out";
    return error.status >= 500 ? "unknown" : "refused";
  }

  return { step, text, isMissing, taken, problem, toSure, back, call };
}
