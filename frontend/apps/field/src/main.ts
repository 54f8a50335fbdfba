import { hasHanGlyphs, setLanguage, language, startTheme } from "@fengsui/ui";
import "@fengsui/ui/tokens.css";
import "@fengsui/ui/base.css";
import "./field.css";

import { createApp } from "vue";

import App from "./App.vue";
import { keepThePage } from "./device/page";
import { startField } from "./shell/startField";
import { fieldKey } from "./shell/useField";

startTheme("system");
setLanguage(language.value);
if (!hasHanGlyphs()) void import("@fengsui/ui/fonts.css");

const field = startField();
keepThePage();
createApp(App).provide(fieldKey, field).mount("#app");
