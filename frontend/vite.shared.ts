/** What the three apps share in their builds, so that each `vite.config.ts` states only its address. */
import vue from "@vitejs/plugin-vue";
import type { Plugin, UserConfig } from "vite";

import { fakeServer } from "./packages/testing/src/index.ts";

/** The back end that `npm run dev` passes `/api` on to, when one is running. */
const BACKEND_ADDRESS = process.env["FENGSUI_BACKEND"] ?? "http://127.0.0.1:8000";
const USE_FAKE = process.env["FENGSUI_FAKE"] === "1";

/** Answers `/api` in the development server itself; never part of a build. */
function fakeBackend(): Plugin {
  const server = fakeServer();
  return {
    name: "fengsui-fake-backend",
    configureServer: ({ middlewares }) => void middlewares.use((request, response, next) => server.handle(request, response, next)),
    configurePreviewServer: ({ middlewares }) =>
      void middlewares.use((request, response, next) => server.handle(request, response, next)),
  };
}

export function appConfig(name: "desk" | "field" | "public"): UserConfig {
  return {
    base: `/${name}/`,
    plugins: [vue(), ...(USE_FAKE ? [fakeBackend()] : [])],
    // MapLibre is one chunk of 1.1 MB, loaded only where a map is shown.
    // Fonts and small images stay files of their own: a data: address would need a wider CSP.
    build: { target: "es2022", assetsInlineLimit: 0, sourcemap: false, reportCompressedSize: false, chunkSizeWarningLimit: 1_200 },
    server: { host: "127.0.0.1", ...(USE_FAKE ? {} : { proxy: { "/api": BACKEND_ADDRESS } }) },
    preview: { host: "127.0.0.1", ...(USE_FAKE ? {} : { proxy: { "/api": BACKEND_ADDRESS } }) },
  };
}
