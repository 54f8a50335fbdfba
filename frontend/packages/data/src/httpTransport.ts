import { NetworkCut, Refusal, type FieldTransport } from "./transport";
import type { FieldSession, NodeWarning, Problem, Reach, SelfRescueTaken, SendReply, Tonight, Upstream } from "./types";

const ROOT = "/api/v1";
/** A village link answers in seconds or not at all; later the screen must be free to say so. */
const PATIENCE_MILLISECONDS = 20_000;

interface SessionReply {
  person: FieldSession["person"];
  node?: { is_demonstration?: boolean; incarnation?: string; warnings?: NodeWarning[] };
  permissions?: string[];
  csrf_token?: string;
  now?: string;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "zh" in value;
}

const UNREADABLE: Problem = {
  code: "unreadable_answer",
  zh: "村里的回答读不懂。请稍后再试；仍不行，打值班电话。",
  en: "The answer of the box cannot be read. Try again later; if it stays, ring the duty room.",
};

/** What the desk's list calls this phone: the model, where the browser tells it. */
function phoneName(): string {
  const agent = globalThis.navigator?.userAgent ?? "";
  return /\(([^)]*)\)/.exec(agent)?.[1]?.slice(0, 60) ?? "";
}

/** HTTP to the one origin: session cookie, CSRF header, a time limit, problems as `Refusal`. */
export function httpTransport(fetcher: typeof fetch = fetch.bind(globalThis)): FieldTransport {
  let csrfToken = "";

  async function request<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method === "POST") {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = csrfToken;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MILLISECONDS);
    let reply: Response;
    let text: string;
    try {
      reply = await fetcher(ROOT + path, {
        method,
        headers,
        credentials: "same-origin",
        cache: "no-store",
        signal: stop.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await reply.text();
    } catch (cause) {
      throw new NetworkCut(path, { cause });
    } finally {
      clearTimeout(timer);
    }
    let parsed: unknown = null;
    try {
      parsed = text === "" ? null : JSON.parse(text);
    } catch {
      // A captive portal or a proxy page: the box itself was not reached.
      if (reply.ok) throw new NetworkCut(path);
    }
    if (!reply.ok) throw new Refusal(reply.status, isProblem(parsed) ? parsed : UNREADABLE);
    return parsed as T;
  }

  /** The token of the page may be older than the session: fetch it anew once and try again. */
  async function post<T>(path: string, body: unknown): Promise<T> {
    if (csrfToken === "") await session();
    try {
      return await request<T>("POST", path, body);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 403) throw error;
      const before = csrfToken;
      await session();
      if (csrfToken === before) throw error;
      return await request<T>("POST", path, body);
    }
  }

  function asSession(reply: SessionReply): FieldSession {
    csrfToken = reply.csrf_token ?? csrfToken;
    return {
      person: reply.person,
      is_demonstration: reply.node?.is_demonstration === true,
      permissions: reply.permissions ?? [],
      incarnation: reply.node?.incarnation ?? "",
      warnings: reply.node?.warnings ?? [],
    };
  }

  async function session(): Promise<FieldSession> {
    return asSession(await request<SessionReply>("GET", "/session"));
  }

  return {
    session,
    async signInByLink(token) {
      await post<unknown>("/session/link", { token });
      return await session();
    },
    async signOut() {
      await post<unknown>("/session/end", {});
    },
    tonight: () => request<Tonight>("GET", "/field/tonight"),
    send: (items) =>
      post<SendReply>("/field/items", { items: items.map(({ body, signature }) => ({ body, signature })) }),
    async enrol(key) {
      await post<unknown>("/field/keys", { public_key: key.public_key, key_store: key.key_store, name: phoneName() });
    },
    async signInByKey(key_id, at_ms, signature) {
      await post<unknown>("/session/key", { key_id, at_ms, signature });
      return await session();
    },
    async boxNow() {
      const reply = await request<SessionReply>("GET", "/session");
      csrfToken = reply.csrf_token ?? csrfToken;
      const now = Date.parse(reply.now ?? "");
      return Number.isNaN(now) ? Date.now() : now;
    },
    reach: (keyId) => request<Reach>("GET", `/field/keys/${encodeURIComponent(keyId)}`),
    upstream: () => request<Upstream>("GET", "/exchange/upstream"),
    selfRescue: (place_code, text) => post<SelfRescueTaken>("/alerts/self-rescue", { place_code, text }),
    async dutyRoom() {
      return (await request<{ phone?: { duty_room?: string } }>("GET", "/public/alerts")).phone?.duty_room ?? "";
    },
    read: (path) => request("GET", path),
    state: (path, body) => post(path, body),
  };
}
