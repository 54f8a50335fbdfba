/**
 * Keeps the desk's page and its letters on this machine, and nothing of what the node knows: `/api`
 * and `/tiles` are never answered from here. The county's last map is kept by the page itself
 * (src/onemap/kept.ts) and forgotten at sign-out.
 */
import { clientsClaim } from "workbox-core";
import { cleanupOutdatedCaches, matchPrecache, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

/** Every file of the build with its revision; written in by `worker/build.ts`. */
declare const FILES: { url: string; revision: string | null }[];

const PAGE = "/desk/index.html";
const PATIENCE_MS = 3_000;

precacheAndRoute(FILES);
cleanupOutdatedCaches();

/** The node's own page while it answers, so that nobody works on an old one; else the kept one. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 500) return answer;
  } catch {
    /* no network, or no node */
  }
  return (await matchPrecache(PAGE)) ?? Response.error();
}
registerRoute(new NavigationRoute(({ request }) => page(request), { allowlist: [/^\/desk\//] }));

clientsClaim();
