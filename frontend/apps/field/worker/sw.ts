/**
 * Keeps the page on the phone, and nothing else: the shell and its scripts are there without a
 * network, what the box knows (`/api`) is never answered from a cache.
 */
import { clientsClaim } from "workbox-core";
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { CacheFirst } from "workbox-strategies";

declare const self: ServiceWorkerGlobalScope;
/** Every file of the build with its revision; written in by `worker/build.ts`. */
declare const FILES: { url: string; revision: string | null }[];

precacheAndRoute(FILES);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/field/index.html"), { allowlist: [/^\/field\//] }));
// Pieces of a Chinese font are many: a phone without Chinese letters keeps those it has used.
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith("/field/assets/"),
  new CacheFirst({ cacheName: "fengsui-field-used" }),
);

// A new version waits until the person says so: a page must not change under a thumb.
self.addEventListener("message", (event) => {
  if ((event.data as { type?: string } | null)?.type === "change_over") void self.skipWaiting();
});
clientsClaim();
