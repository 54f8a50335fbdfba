import type { HouseholdStatus, ShownGroup, ShownHousehold } from "@fengsui/data";
import { computed, ref, type ComputedRef } from "vue";

import type { Field } from "../shell/useField";
import type { Said } from "./HouseholdSheet.vue";
import { nextHousehold } from "./next";

interface Recorded {
  household: ShownHousehold;
  label: string;
  status: HouseholdStatus;
}

/** The walk from door to door: which household is on the sheet, what was just said, what comes next. */
export function useRecording(field: Field, group: ComputedRef<ShownGroup | null>) {
  const openId = ref<string | null>(null);
  const recorded = ref<Recorded | null>(null);
  const allVisited = ref(false);
  const spoken = ref("");

  const household = computed(
    () => field.shown.value?.groups.flatMap((one) => one.households).find((one) => one.id === openId.value) ?? null,
  );

  function open(id: string): void {
    openId.value = id;
    recorded.value = null;
    allVisited.value = false;
  }

  function close(): void {
    openId.value = null;
    recorded.value = null;
    allVisited.value = false;
  }

  async function write(about: ShownHousehold, said: Said): Promise<boolean> {
    const before = field.conflicts.value;
    const row = await field.record({
      kind: "household_status",
      household_id: about.id,
      evacuation_id: field.snapshot.value?.tonight.evacuation_id ?? undefined,
      ...said,
      label: about.label,
      previous_status: about.status,
    });
    if (row !== null && about.later_change !== null) await field.note(about.later_change.client_id);
    const read = before.filter((one) => one.household_id === about.id);
    if (row !== null) for (const one of read) await field.note(one.client_id);
    return row !== null;
  }

  async function say(said: Said): Promise<void> {
    const about = household.value;
    if (about === null) return;
    const next = nextHousehold(group.value?.households ?? [], about.id);
    if (!(await write(about, said))) return;
    recorded.value = { household: about, label: about.label, status: said.status };
    spoken.value = `${about.label} ${said.status}`;
    openId.value = next?.id ?? null;
    allVisited.value = next === null;
  }

  /** Undo is a new entry that says the earlier state; nothing is taken out of the record. */
  async function undo(): Promise<void> {
    const before = recorded.value?.household;
    if (before === undefined) return;
    openId.value = before.id;
    recorded.value = null;
    allVisited.value = false;
    // "Away" again needs somebody who says so: the sheet asks, the old entry stays until then.
    if (before.status === "away") return;
    const moved = before.people_moved ?? before.people;
    const counted = before.status === "moved_central" || before.status === "moved_relatives";
    await write(before, counted ? { status: before.status, people: moved } : { status: before.status });
  }

  return { household, recorded, allVisited, spoken, open, close, say, undo };
}
