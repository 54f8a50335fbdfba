/** What a village says beside its list: moved first, SOS, numbers; and what thin links told it. */
import { NetworkCut, Refusal, Statements, type FieldTransport, type NodeWarning, type Problem } from "@fengsui/data";
import { computed, ref, shallowRef, watch } from "vue";

import type { Field } from "../shell/useField";
import { householdsOf, paperOf, type PaperSheet } from "./paperSheet";
import { keep, readKept } from "./phoneStore";
import type { DangerArea, Instruction, InstructionStep, Situation } from "./useSituation";

const AREAS_KEY = "fengsui.danger_areas";
const STEPS_KEY = "fengsui.instructions";
/** An instruction of another night is history, not a task. */
const INSTRUCTION_HOURS_MAX = 24;
const HOUR_MILLISECONDS = 3600 * 1000;
/** The box's own health changes slowly; the list is asked for more often. */
const SESSION_MILLISECONDS = 60_000;

const CUT: Problem = {
  code: "cut",
  zh: "没送到：连不上村里的电脑。",
  en: "Not delivered: the village box is out of reach.",
};

interface AreaMap {
  features: { properties: DangerArea & { village_code: string } }[];
}

export function startSituation(field: Field, transport: FieldTransport): Situation {
  const queue = new Statements(localStorage, transport);
  const statements = shallowRef(queue.all(""));
  const areas = shallowRef<Situation["areas"]["value"]>({ state: "loading", items: [] });
  const heard = shallowRef<Instruction[]>([]);
  const steps = shallowRef<Record<string, InstructionStep>>(readKept(STEPS_KEY, {}));
  const warnings = shallowRef<NodeWarning[]>([]);
  const isPutBack = ref(false);
  const paper = shallowRef<PaperSheet | null>(paperOf(location.search));
  let incarnation = "";
  let askedSessionAt = 0;

  const personId = (): string => field.session.value?.person?.id ?? "";
  const placeCode = (): string => field.session.value?.person?.place_code ?? "";
  const boxNow = (): number => field.boxTime(Date.now());
  const may = (permission: string): boolean => (field.session.value?.permissions ?? []).includes(permission);

  const instructions = computed(() =>
    heard.value
      .map((item) => ({ item, step: steps.value[item.id] ?? ("new" as const) }))
      .filter(({ item, step }) => {
        const age = boxNow() - Date.parse(item.heard_at);
        return step !== "put_away" && age < INSTRUCTION_HOURS_MAX * HOUR_MILLISECONDS;
      }),
  );

  function setStep(id: string, step: InstructionStep): void {
    steps.value = { ...steps.value, [id]: step };
    keep(STEPS_KEY, steps.value);
  }

  async function sendNow(): Promise<void> {
    const id = personId();
    if (id === "" || field.signedOut.value) return;
    const before = statements.value.filter((one) => one.state === "waiting").length;
    const end = await queue.sendRound(id, boxNow);
    statements.value = queue.all(id);
    if (end === "cut") field.link.value = "cut";
    const waiting = statements.value.filter((one) => one.state === "waiting").length;
    if (waiting < before) await field.refresh();
  }

  async function say(kind: Parameters<Situation["say"]>[0], body: Record<string, unknown>): ReturnType<Situation["say"]> {
    let made;
    try {
      made = queue.write(personId(), kind, body, boxNow());
    } catch {
      return null;
    }
    statements.value = queue.all(personId());
    await sendNow();
    return statements.value.find((one) => one.id === made.id) ?? made;
  }

  /** Null when it went well; a cut and a refusal in words. */
  async function tried(request: () => Promise<unknown>): Promise<Problem | null> {
    try {
      await request();
      return null;
    } catch (error) {
      if (error instanceof Refusal) return error.problem;
      if (error instanceof NetworkCut) return CUT;
      throw error;
    }
  }

  async function answer(instruction: Instruction): Promise<Problem | null> {
    const path = `/telegrams/instructions/${instruction.id}/answer`;
    const failed = await tried(() => transport.state(path, { answer_kind: "on_it", client_id: `heard-${instruction.id}` }));
    if (failed === null) setStep(instruction.id, "answered");
    return failed;
  }

  async function move(instruction: Instruction): Promise<Problem | null> {
    const path = `/telegrams/instructions/${instruction.id}/move`;
    const failed = await tried(() => transport.state(path, {}));
    if (failed === null) {
      setStep(instruction.id, "moved");
      await field.refresh();
    }
    return failed;
  }

  async function learnAreas(): Promise<void> {
    if (!may("self_rescue_call") || placeCode() === "") return;
    const key = `${AREAS_KEY}.${placeCode()}`;
    const failed = await tried(async () => {
      const map = await transport.read<AreaMap>("/map/danger-areas");
      const items = map.features
        .map((feature) => feature.properties)
        .filter((one) => one.village_code === placeCode())
        .map(({ id, name, households, people }) => ({ id, name, households, people }));
      keep(key, items);
      areas.value = { state: "here", items };
    });
    if (failed === null) return;
    const items = readKept<DangerArea[]>(key, []);
    areas.value = { state: items.length > 0 ? "kept" : "unknown", items };
  }

  async function learnInstructions(): Promise<void> {
    const path = "/telegrams/heard?kind=evacuation_instruction";
    await tried(async () => (heard.value = (await transport.read<{ items: Instruction[] }>(path)).items));
  }

  async function learnBox(): Promise<void> {
    if (Date.now() - askedSessionAt < SESSION_MILLISECONDS) return;
    askedSessionAt = Date.now();
    await tried(async () => {
      const session = await transport.session();
      warnings.value = session.warnings ?? [];
      const now = session.incarnation ?? "";
      if (incarnation !== "" && now !== "" && now !== incarnation) isPutBack.value = true;
      if (incarnation === "") incarnation = now;
    });
  }

  async function learnPaper(): Promise<void> {
    const asked = paper.value;
    const evacuation = field.snapshot.value?.tonight.evacuation_id;
    if (asked === null || asked.state === "here") return;
    if (!evacuation) {
      paper.value = { ...asked, state: "unknown" };
      return;
    }
    let households: string[] = [];
    await tried(async () => (households = await householdsOf(asked, evacuation, placeCode(), transport)));
    if (paper.value?.number === asked.number) {
      paper.value = { ...asked, households, state: households.length > 0 ? "here" : "unknown" };
    }
  }

  function leavePaper(): void {
    paper.value = null;
    history.replaceState(history.state, "", location.pathname);
  }

  // A new snapshot is the sign that the box answers: what waits goes out, what it heard is asked for.
  watch(
    () => field.snapshot.value,
    (snapshot) => {
      if (snapshot === null) return;
      void sendNow();
      void learnInstructions();
      void learnBox();
      void learnPaper();
      if (areas.value.state !== "here") void learnAreas();
    },
  );
  watch(
    () => personId(),
    (id) => {
      statements.value = queue.all(id);
      heard.value = [];
      areas.value = { state: "loading", items: [] };
      void learnAreas();
    },
  );

  return {
    statements,
    areas,
    instructions,
    warnings,
    isPutBack,
    paper,
    say,
    sendNow,
    answer,
    move,
    putAway: (instruction) => setStep(instruction.id, "put_away"),
    leavePaper,
  };
}
