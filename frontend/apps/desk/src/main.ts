import "@fengsui/ui/fonts.css";
import "@fengsui/ui/tokens.css";
import "@fengsui/ui/base.css";

import { startTheme } from "@fengsui/ui";
import { createApp } from "vue";

import App from "./shell/App.vue";

startTheme("night");
createApp(App).mount("#app");
