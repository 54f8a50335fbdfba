import { defineConfig } from "vite";

import { appConfig } from "../../vite.shared.ts";
import { serviceWorker } from "./worker/build.ts";

const shared = appConfig("desk");
export default defineConfig({ ...shared, plugins: [...(shared.plugins ?? []), serviceWorker()] });
