import "@fengsui/ui/fonts.css";
import "@fengsui/ui/tokens.css";
import "@fengsui/ui/base.css";
import "./shell/desk.css";

import { language, setLanguage, startTheme } from "@fengsui/ui";
import { createApp } from "vue";

import { router } from "./router";
import App from "./shell/App.vue";
import { keepTheDesk } from "./shell/keepDesk";

startTheme("night");
setLanguage(language.value);
createApp(App).use(router).mount("#app");
keepTheDesk();
