import type { NodeWarning, Problem, Statement, StatementKind } from "@fengsui/data";
import { inject, type ComputedRef, type InjectionKey, type Ref } from "vue";

import type { PaperSheet } from "./paperSheet";

export interface DangerArea {
  id: string;
  name: string;
  households: number;
  people: number;
}

/** An instruction to move that came by a thin link; its warning has not come yet. */
export interface Instruction {
  id: string;
  place_name: string;
  path_zh: string;
  path_en: string;
  at: string;
  heard_at: string;
  is_signed: boolean;
  area_names: string[];
  level: string;
  action: string;
  exercise: boolean;
  leave_by_ms: number | null;
}

export type InstructionStep = "new" | "answered" | "moved" | "put_away";

export interface Situation {
  /** This person's, the newest first. */
  statements: Ref<Statement[]>;
  areas: Ref<{ state: "loading" | "here" | "kept" | "unknown"; items: DangerArea[] }>;
  instructions: ComputedRef<{ item: Instruction; step: InstructionStep }[]>;
  warnings: Ref<NodeWarning[]>;
  /** The box goes on from a copy of an earlier time; this page may show what it no longer has. */
  isPutBack: Ref<boolean>;
  paper: Ref<PaperSheet | null>;
  /** Null when the phone cannot store it: then nothing was said. */
  say(kind: StatementKind, body: Record<string, unknown>): Promise<Statement | null>;
  sendNow(): Promise<void>;
  answer(instruction: Instruction): Promise<Problem | null>;
  move(instruction: Instruction): Promise<Problem | null>;
  putAway(instruction: Instruction): void;
  leavePaper(): void;
}

export const situationKey: InjectionKey<Situation> = Symbol("situation");

export function useSituation(): Situation {
  const situation = inject(situationKey);
  if (situation === undefined) throw new Error("startSituation() was not provided");
  return situation;
}
