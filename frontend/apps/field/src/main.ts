import { httpTransport } from "@fengsui/data";
import { hasHanGlyphs, setLanguage, language, startTheme } from "@fengsui/ui";
import "@fengsui/ui/tokens.css";
import "@fengsui/ui/base.css";
import "./field.css";

import { createApp } from "vue";

import App from "./App.vue";
import { keepThePage } from "./device/page";
import { startPosts, postsKey } from "./posts/usePosts";
import { startField } from "./shell/startField";
import { fieldKey } from "./shell/useField";
import { startSituation } from "./situation/startSituation";
import { situationKey } from "./situation/useSituation";
import { checkInKey, startCheckIns } from "./watch/useCheckIn";

startTheme("system");
setLanguage(language.value);
if (!hasHanGlyphs()) void import("@fengsui/ui/fonts.css");

const transport = httpTransport();
const field = startField(transport);
const situation = startSituation(field, transport);
keepThePage();
const checkIns = startCheckIns(transport, () => (field.signedOut.value ? "" : (field.session.value?.person?.id ?? "")));
createApp(App)
  .provide(fieldKey, field)
  .provide(situationKey, situation)
  .provide(postsKey, startPosts(transport))
  .provide(checkInKey, checkIns)
  .mount("#app");
