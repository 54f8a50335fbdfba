import { asProblem, type ApiProblem } from "@fengsui/api";
import { shallowRef, type ShallowRef } from "vue";

export interface Resource<T> {
  value: ShallowRef<T | null>;
  problem: ShallowRef<ApiProblem | null>;
  isLoading: ShallowRef<boolean>;
  /** When the shown value arrived, in milliseconds of this machine's clock. */
  receivedAt: ShallowRef<number | null>;
  refresh: () => Promise<void>;
  clear: () => void;
}

/** A failed refresh keeps the last value on the screen; the problem says that it is old. */
export function resource<T>(fetcher: () => Promise<T>): Resource<T> {
  const value = shallowRef<T | null>(null);
  const problem = shallowRef<ApiProblem | null>(null);
  const isLoading = shallowRef(false);
  const receivedAt = shallowRef<number | null>(null);
  let turn = 0;
  let running: Promise<void> | null = null;
  let again = false;

  async function once(): Promise<void> {
    const mine = turn;
    isLoading.value = true;
    try {
      const next = await fetcher();
      if (mine !== turn) return;
      value.value = next;
      problem.value = null;
      receivedAt.value = Date.now();
    } catch (error) {
      if (mine === turn) problem.value = asProblem(error);
    } finally {
      isLoading.value = false;
    }
  }

  /** Calls that arrive while one is under way share one more fetch after it, however many they are. */
  function refresh(): Promise<void> {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await once();
      } while (again);
      running = null;
    })();
    return running;
  }

  function clear(): void {
    turn += 1;
    value.value = null;
    problem.value = null;
    receivedAt.value = null;
  }

  return { value, problem, isLoading, receivedAt, refresh, clear };
}
