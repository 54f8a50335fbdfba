/** What the three apps share in their builds, so that each `vite.config.ts` states only its address. */
import vue from "@vitejs/plugin-vue";
import type { UserConfig } from "vite";

/** The back end that `npm run dev` passes `/api` on to, when one is running. */
const BACKEND_ADDRESS = process.env["FENGSUI_BACKEND"] ?? "http://127.0.0.1:8000";

export function appConfig(name: "desk" | "field" | "public"): UserConfig {
  return {
    base: `/${name}/`,
    plugins: [vue()],
    // Fonts and small images stay files of their own: a data: address would need a wider CSP.
    build: { target: "es2022", assetsInlineLimit: 0, sourcemap: false, reportCompressedSize: false },
    server: { host: "127.0.0.1", proxy: { "/api": BACKEND_ADDRESS } },
  };
}
