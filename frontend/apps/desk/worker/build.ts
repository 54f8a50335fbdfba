/** What the desk keeps of its page: all of it, letters included, for a duty room's machine has the room. */
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";

import { serviceWorker as worker } from "../../../vite.worker.ts";

export function serviceWorker(): Plugin {
  return worker({
    app: "desk",
    entry: fileURLToPath(new URL("sw.ts", import.meta.url)),
    leftOut: /\.(br|gz|map)$|^sw\.js$/,
  });
}
