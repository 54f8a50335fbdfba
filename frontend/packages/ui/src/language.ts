/** Chinese first, English complete. A bundle holds both languages side by side, with a note for translators. */
import { computed, ref, type ComputedRef } from "vue";

export type Language = "zh" | "en";
export interface Words {
  zh: string;
  en: string;
  note?: string;
}
export type Bundle = Record<string, Words>;
export type Values = Record<string, string | number>;

const STORAGE_KEY = "fengsui.language";
const current = ref<Language>(remembered());

function remembered(): Language {
  try {
    return localStorage.getItem(STORAGE_KEY) === "en" ? "en" : "zh";
  } catch {
    return "zh"; // private browsing may refuse storage; the page must still open
  }
}

export function setLanguage(language: Language): void {
  current.value = language;
  if (typeof document !== "undefined") document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem(STORAGE_KEY, language);
  } catch {
    /* see remembered() */
  }
}

export const language: ComputedRef<Language> = computed(() => current.value);

/** The right half of a pair such as an API sentence `{zh, en}`. */
export function say(words: { zh: string; en: string }): string {
  return words[current.value] || words.zh;
}

export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** `const t = strings(bundle)`; `t("key", {n: 3})` follows the language switch inside templates and computeds. */
export function strings<B extends Bundle>(bundle: B): (key: keyof B & string, values?: Values) => string {
  return (key, values) => {
    const words = bundle[key];
    return words ? fill(say(words), values) : key;
  };
}
