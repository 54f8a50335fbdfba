/** What the phone keeps of its page. */
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";

import { serviceWorker as worker } from "../../../vite.worker.ts";

export function serviceWorker(): Plugin {
  return worker({
    app: "field",
    entry: fileURLToPath(new URL("sw.ts", import.meta.url)),
    // Fonts are fetched when a phone lacks the letters.
    leftOut: /\.(woff2?|br|gz|map)$|^sw\.js$/,
  });
}
