import { createRouter, createWebHistory } from "vue-router";

import { session } from "./shell/useSession";

/** Every screen but the desk itself is fetched when it is first opened. */
export const router = createRouter({
  history: createWebHistory("/desk/"),
  routes: [
    { path: "/sign-in", name: "sign-in", component: () => import("./accounts/SignInPage.vue"), meta: { open: true } },
    { path: "/", name: "desk", component: () => import("./onemap/DeskPage.vue") },
    { path: "/import", name: "import", component: () => import("./alerts/ImportPage.vue") },
    { path: "/alert/:id", name: "alert", component: () => import("./alerts/AlertPage.vue"), props: true },
    { path: "/:anything(.*)*", name: "nowhere", component: () => import("./shell/NowherePage.vue"), meta: { open: true } },
  ],
});

router.beforeEach(async (to) => {
  await session.ready();
  if (!session.value.value?.person && !to.meta["open"] && session.value.value) {
    return { name: "sign-in", query: to.fullPath === "/" ? {} : { back: to.fullPath } };
  }
  return true;
});
