import { hasHanGlyphs, language, setLanguage, startTheme } from "@fengsui/ui";
import "@fengsui/ui/tokens.css";
import "@fengsui/ui/base.css";
import "./public.css";

import { createApp } from "vue";

import PublicPage from "./alerts/PublicPage.vue";

startTheme("system");
setLanguage(language.value);
if (!hasHanGlyphs()) void import("@fengsui/ui/fonts.css");

createApp(PublicPage).mount("#app");
