/** Builds an app's `sw.js` beside its pages, with the list of what it keeps. Runs inside the page's own build. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { build, type Plugin } from "vite";

export interface WorkerOptions {
  /** Below which address the app lies: "desk" is /desk/. */
  app: string;
  entry: string;
  /** Files that are not kept beforehand; packed twins are served under the plain name. */
  leftOut: RegExp;
}

function filesOf(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesOf(folder, path) : [path];
  });
}

function entryOf(app: string, folder: string, path: string): { url: string; revision: string | null } {
  const hashed = path.startsWith("assets/");
  const sum = createHash("sha256").update(readFileSync(join(folder, path))).digest("hex");
  return { url: `/${app}/${path}`, revision: hashed ? null : sum.slice(0, 16) };
}

export function serviceWorker({ app, entry, leftOut }: WorkerOptions): Plugin {
  let folder = "";
  return {
    name: "fengsui-service-worker",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const files = filesOf(folder).filter((path) => !leftOut.test(path));
      await build({
        configFile: false,
        publicDir: false,
        logLevel: "warn",
        define: {
          FILES: JSON.stringify(files.sort().map((path) => entryOf(app, folder, path))),
          "process.env.NODE_ENV": '"production"',
        },
        build: {
          outDir: folder,
          emptyOutDir: false,
          target: "es2022",
          lib: { entry, formats: ["iife"], name: "fengsuiWorker", fileName: () => "sw.js" },
        },
      });
    },
  };
}
