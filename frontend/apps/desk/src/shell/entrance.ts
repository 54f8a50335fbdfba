/** The server may open the desk at `/sign-in/` or `/link/<token>`; both become the sign-in screen. */
let token: string | null = null;

export function adoptEntrance(location: Location, history: History): void {
  const link = /^\/link\/([^/]+)\/?$/.exec(location.pathname);
  const asked = new URLSearchParams(location.search).get("token");
  token = link?.[1] ?? (location.pathname.startsWith("/desk/sign-in") ? asked : null);
  // The token is spent once; it must not stay in the address bar or the history.
  if (link || token || /^\/sign-in\/?$/.test(location.pathname)) history.replaceState(null, "", "/desk/sign-in");
}

export function takeLinkToken(): string | null {
  const taken = token;
  token = null;
  return taken;
}
