import { expect, it } from "vitest";

type Bundle = Record<string, { zh: string; en: string }>;
const bundles = import.meta.glob<Bundle>("./**/*.i18n.json", { eager: true, import: "default" });
const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

it("every string is there in both languages, with the same blanks", () => {
  expect(Object.keys(bundles).length).toBeGreaterThan(5);
  for (const [file, bundle] of Object.entries(bundles)) {
    for (const [key, words] of Object.entries(bundle)) {
      expect(words.zh, `${file} ${key}`).toBeTruthy();
      expect(words.en, `${file} ${key}`).toBeTruthy();
      expect(blanks(words.en), `${file} ${key}`).toEqual(blanks(words.zh));
    }
  }
});
