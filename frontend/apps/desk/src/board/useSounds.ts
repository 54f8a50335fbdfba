/** Plays the signals, and keeps the last ones in writing: whoever cannot hear them reads the same. */
import type { Board } from "@fengsui/api";
import { shallowRef, watch, type Ref } from "vue";

import { NOTES, signalsBetween, type Signal, type SignalKind } from "./sounds";

const STORAGE_KEY = "fengsui.sounds";
const HEARD_MAX = 6;
const LOUDNESS = 0.22;
const EDGE_S = 0.02;

export interface Heard extends Signal {
  key: number;
  at: string;
}

function remembered(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) === "on";
  } catch {
    return false; // private browsing may refuse storage
  }
}

export function useSounds(board: Readonly<Ref<Board | null>>) {
  const isOn = shallowRef(remembered());
  const heard = shallowRef<Heard[]>([]);
  let context: AudioContext | null = null;
  let number = 0;

  function play(kind: SignalKind, afterS = 0): number {
    if (!isOn.value || typeof AudioContext === "undefined") return 0;
    context ??= new AudioContext();
    void context.resume().catch(() => undefined); // a browser that wants a click first stays silent
    const start = context.currentTime + afterS;
    let lasts = 0;
    for (const [pitch, from, length] of NOTES[kind]) {
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0, start + from);
      level.gain.linearRampToValueAtTime(LOUDNESS, start + from + EDGE_S);
      level.gain.setValueAtTime(LOUDNESS, start + from + length - EDGE_S);
      level.gain.linearRampToValueAtTime(0, start + from + length);
      tone.connect(level).connect(context.destination);
      tone.start(start + from);
      tone.stop(start + from + length);
      lasts = Math.max(lasts, from + length);
    }
    return lasts + 0.25;
  }

  watch(board, (after, before) => {
    if (!after) return;
    let wait = 0;
    for (const signal of signalsBetween(before ?? null, after)) {
      number += 1;
      heard.value = [{ ...signal, key: number, at: after.callout.now }, ...heard.value].slice(0, HEARD_MAX);
      wait += play(signal.kind, wait);
    }
  });

  function toggle(): void {
    isOn.value = !isOn.value;
    try {
      localStorage.setItem(STORAGE_KEY, isOn.value ? "on" : "off");
    } catch {
      /* see remembered() */
    }
    play("finished"); // switching it on lets one hear that it works
  }
  return { isOn, heard, toggle, play };
}
