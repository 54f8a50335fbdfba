/** One small client: same origin, session cookie, CSRF header, problems as ApiProblem. */
import { ApiProblem, unreachable } from "./problem";

const PREFIX = "/api/v1";
const TIMEOUT_MS = 20_000;

let csrfToken = "";

let signedOut: () => void = () => undefined;

/** Called when the server no longer knows who asks: the session ended elsewhere or ran out. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** `GET /session` hands out the token; every later write carries it. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

type Query = Record<string, string | number | boolean | null | undefined>;

export function address(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]));
  return PREFIX + path + (pairs.length ? `?${search}` : "");
}

async function send<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await ask(method, url, body);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function ask(method: string, url: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken;
  const isRaw = body instanceof FormData || body instanceof Blob;
  if (body instanceof Blob) headers["Content-Type"] = "application/octet-stream";
  else if (body !== undefined && !isRaw) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    });
  } catch {
    throw unreachable();
  }
  if (response.ok) return response;
  if (response.status === 401) signedOut();
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const requestId = response.headers.get("X-Request-ID") ?? "";
  try {
    const body = (await response.json()) as Record<string, unknown>;
    if (typeof body["zh"] === "string") {
      return new ApiProblem(
        response.status,
        String(body["code"] ?? response.status),
        body["zh"],
        String(body["en"] ?? ""),
        (body["data"] as Record<string, unknown> | undefined) ?? {},
        String(body["request_id"] ?? requestId),
      );
    }
  } catch {
    /* not JSON: a proxy or a crash answered instead of the application */
  }
  return new ApiProblem(
    response.status,
    `http_${response.status}`,
    `服务没有正常答复（${response.status}）。请重试；仍不行请报告管理员。`,
    `The server did not answer properly (${response.status}). Try again; if it persists tell the administrator.`,
    {},
    requestId,
  );
}

export const http = {
  get: <T>(path: string, query?: Query): Promise<T> => send<T>("GET", address(path, query)),
  post: <T>(path: string, body: unknown = {}, query?: Query): Promise<T> => send<T>("POST", address(path, query), body),
  put: <T>(path: string, body: unknown = {}, query?: Query): Promise<T> => send<T>("PUT", address(path, query), body),
  remove: <T>(path: string): Promise<T> => send<T>("DELETE", address(path)),
  /** A file that is made when it is asked for; its name is what the server calls it. */
  file: async (path: string, body: unknown): Promise<{ blob: Blob; name: string }> => {
    const response = await ask("POST", address(path), body);
    const named = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "");
    return { blob: await response.blob(), name: named?.[1] ? decodeURIComponent(named[1]) : "export" };
  },
  patch: <T>(path: string, body: unknown): Promise<T> => send<T>("PATCH", address(path), body),
};

/** Where the browser itself fetches a file from. */
export const downloadAddress = (path: string): string => address(path);
