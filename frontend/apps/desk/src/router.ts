import { onSignedOut } from "@fengsui/api";
import { createRouter, createWebHistory } from "vue-router";

import { adoptEntrance } from "./shell/entrance";
import { session } from "./shell/useSession";

// Before the history is made: it reads the address once, and must find one of the desk's own.
adoptEntrance(window.location, window.history);

/** Every screen but the desk itself is fetched when it is first opened. */
export const router = createRouter({
  history: createWebHistory("/desk/"),
  routes: [
    { path: "/sign-in", name: "sign-in", component: () => import("./accounts/SignInPage.vue"), meta: { open: true } },
    { path: "/", name: "desk", component: () => import("./onemap/DeskPage.vue") },
    { path: "/import", name: "import", component: () => import("./alerts/ImportPage.vue") },
    { path: "/authorisations", name: "authorisations", component: () => import("./alerts/AuthorisationsPage.vue") },
    { path: "/sheets", name: "sheets", component: () => import("./sheets/SheetsPage.vue") },
    { path: "/reach", name: "reach", component: () => import("./reach/ReachPage.vue") },
    { path: "/alert/:id", name: "alert", component: () => import("./alerts/AlertPage.vue"), props: true },
    { path: "/:anything(.*)*", name: "nowhere", component: () => import("./shell/NowherePage.vue"), meta: { open: true } },
  ],
});

onSignedOut(() => {
  const here = router.currentRoute.value;
  // A refused sign-in is a 401 too, and it has its own sentence on that page.
  if (here.name !== undefined && here.name !== "sign-in") {
    void session.reload().then(() => router.push({ name: "sign-in", query: here.fullPath === "/" ? {} : { back: here.fullPath } }));
  }
});

router.beforeEach(async (to) => {
  await session.ready();
  if (!session.value.value?.person && !to.meta["open"] && session.value.value) {
    return { name: "sign-in", query: to.fullPath === "/" ? {} : { back: to.fullPath } };
  }
  return true;
});
