import { expect, it } from "vitest";

import bundle from "./ui.i18n.json";

it("every string is there in both languages", () => {
  for (const [key, words] of Object.entries(bundle)) expect(words.zh && words.en, key).toBeTruthy();
});
