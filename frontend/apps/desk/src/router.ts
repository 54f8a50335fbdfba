import { onSignedOut } from "@fengsui/api";
import { createRouter, createWebHistory } from "vue-router";

import { adoptEntrance } from "./shell/entrance";
import { pages } from "./shell/navigation";
import { session } from "./shell/useSession";

// Before the history is made: it reads the address once, and must find one of the desk's own.
adoptEntrance(window.location, window.history);

/** Every screen but the desk itself is fetched when it is first opened. */
export const router = createRouter({
  history: createWebHistory("/desk/"),
  routes: pages.map((page) => ({
    path: page.path,
    name: page.name,
    component: page.component,
    props: page.props ?? false,
    meta: { open: page.isOpen ?? false, permission: page.permission },
  })),
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
