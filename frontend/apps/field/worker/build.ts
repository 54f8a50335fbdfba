/** Builds `sw.js` beside the pages, with the list of what it keeps. Runs inside the page's own build. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build, type Plugin } from "vite";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** Fonts are fetched when a phone lacks the letters; packed twins are served under the plain name. */
const LEFT_OUT = /\.(woff2?|br|gz|map)$|^sw\.js$/;

function filesOf(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesOf(folder, path) : [path];
  });
}

function entryOf(folder: string, path: string): { url: string; revision: string | null } {
  const hashed = path.startsWith("assets/");
  const sum = createHash("sha256").update(readFileSync(join(folder, path))).digest("hex");
  return { url: `/field/${path}`, revision: hashed ? null : sum.slice(0, 16) };
}

export function serviceWorker(): Plugin {
  let folder = "";
  return {
    name: "fengsui-service-worker",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const files = filesOf(folder).filter((path) => !LEFT_OUT.test(path));
      await build({
        configFile: false,
        publicDir: false,
        logLevel: "warn",
        define: {
          FILES: JSON.stringify(files.sort().map((path) => entryOf(folder, path))),
          "process.env.NODE_ENV": '"production"',
        },
        build: {
          outDir: folder,
          emptyOutDir: false,
          target: "es2022",
          lib: { entry: join(HERE, "sw.ts"), formats: ["iife"], name: "fengsuiField", fileName: () => "sw.js" },
        },
      });
    },
  };
}
