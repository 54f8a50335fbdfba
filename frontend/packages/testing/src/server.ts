/** The contract of the back end in memory, for working on screens without it: `FENGSUI_FAKE=1 npm run dev:desk`. */
import type { AlertDetail, Concerned, Demonstration, Session } from "@fengsui/api";

import { inventCounty } from "./county.ts";
import { Night, OPENED_AT_MS, warningDetail } from "./night.ts";

interface Request {
  method?: string;
  url?: string;
  on(event: "data", listener: (chunk: Uint8Array) => void): void;
  on(event: "end" | "close", listener: () => void): void;
}
interface Response {
  statusCode: number;
  setHeader(name: string, value: string): void;
  write(text: string): void;
  end(text?: string): void;
}

const PROBLEMS = {
  wrong_password: [403, "姓名或密码不对。请核对后再试，或用一次性链接登录。", "Name or password is wrong. Check them, or use a one-time link."],
  signed_out: [401, "请先登录。", "Sign in first."],
  own_alert: [403, "不能批准自己提交的预警。请带班领导示意甲批准。", "You cannot approve what you submitted. Ask 示意甲, the duty leader."],
  reason_needed: [422, "请写明理由。", "State the reason."],
  not_found: [404, "没有找到，或者不在您的辖区。", "Not found, or outside your area."],
  unreadable: [422, "读不出这段文字是哪种预警。请粘贴完整通告。", "This text is not a warning we can read. Paste the whole bulletin."],
} as const;

class Refusal extends Error {
  constructor(readonly code: keyof typeof PROBLEMS) {
    super(code);
  }
}

export interface FakeServer {
  handle(request: Request, response: Response, otherwise: () => void): void;
}

/** A county on one night. `started` false means a quiet node that waits for the demonstration button. */
export function fakeServer(options: { signedIn?: boolean } = {}): FakeServer {
  const night = new Night(inventCounty());
  const reachedByHand = new Set<string>();
  let person: "示意甲" | "示意乙" | null = options.signedIn ? "示意乙" : null;
  let demonstration: Demonstration = { state: "idle", night_time: null, alert_id: null, callout_id: null, speed: 5, second_act: null };
  let startedAt = 0;
  let alertState: AlertDetail["state"] | null = null;
  let draft: AlertDetail["state"] | null = null;
  let includesOthers = false;

  const seconds = (): number =>
    demonstration.state === "idle" ? 0 : Math.min(960, ((Date.now() - startedAt) / 1000) * demonstration.speed);
  const nightNow = (): string =>
    demonstration.state === "idle" ? new Date().toISOString() : new Date(OPENED_AT_MS + seconds() * 1000).toISOString();

  function session(): Session {
    return {
      person: person
        ? {
            id: person === "示意甲" ? "2" : "1",
            name: person,
            title: person === "示意甲" ? "带班领导" : "值班员",
            place_code: "990126000000",
            place_name: "示意县",
          }
        : null,
      roles: person ? ["duty_officer"] : [],
      permissions: person ? ["see_alerts", "draft_alert", "see_calls", "mark_reached", "answer_for_others", "reveal_personal", "run_exercise", "steer_callout"] : [],
      node: { name: "示意县应急值班室", place_code: "990126000000", is_demonstration: true, version: "0.1.0" },
      now: nightNow(),
      csrf_token: "fake",
      language: "zh",
    };
  }

  function alerts(): AlertDetail[] {
    const list: AlertDetail[] = [];
    if (alertState) list.push(warningDetail(night, alertState, true));
    if (draft) {
      list.push({
        ...warningDetail(night, draft, false),
        id: "77",
        kind: "official_warning",
        level: "orange",
        headline: "示意县气象台发布暴雨橙色预警",
        callout_id: null,
        evacuation_id: null,
        allowed: draft === "draft" ? ["submit", "edit"] : draft === "pending" && person === "示意甲" ? ["approve", "return"] : [],
      });
    }
    return list;
  }
  function alert(id: string): AlertDetail {
    const found = alerts().find((item) => item.id === id);
    if (!found) throw new Refusal("not_found");
    return found;
  }

  function concerned(): Concerned {
    const townships = night.county.townships.filter((township) =>
      night.county.warningCodes.some((code) => code.startsWith(township.code.slice(0, 9))),
    );
    const share = [0.46, 0.33, 0.21, 0];
    const part = (total: number, index: number): number => Math.round(total * (share[index] ?? 0));
    return {
      danger_households: 212,
      danger_people: 640,
      assist_people: 87,
      venues: 2,
      venue_list: [
        { id: "7001", name: "示意小学", kind_zh: "学校", kind_en: "School", place_name: "示意村", headcount_tonight: 60, boarding_people: 42, open_when: "学期内", contact_name: "示意丑", contact_has_number: true },
        { id: "7002", name: "示意公路工地", kind_zh: "在建工地", kind_en: "Construction site", place_name: "示意村", headcount_tonight: 18, boarding_people: null, open_when: "", contact_name: "", contact_has_number: false },
      ],
      posts: 148,
      parties: 212,
      by_township: townships.map((township, index) => ({
        code: township.code,
        name: township.name,
        villages: night.county.warningCodes.filter((code) => code.startsWith(township.code.slice(0, 9))).length,
        households: part(212, index),
        people: part(640, index),
        assist: part(87, index),
        posts: part(148, index),
      })),
      without_number: 4,
      without_point: night.county.villages
        .filter((village) => !village.point && night.county.warningCodes.includes(village.code))
        .map(({ code, name }) => ({ code, name })),
      other_households: { count: 1384, included: includesOthers },
      estimate_minutes: 3,
      lines: 100,
      seconds_a_call: 35,
      lines_are_default: true,
      languages: [],
    };
  }

  function answer(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): unknown {
    const route = `${method} ${path}`;
    if (route === "GET /session") return session();
    if (route === "POST /session/password") {
      if (body["password"] === "wrong") throw new Refusal("wrong_password");
      person = body["name"] === "示意甲" ? "示意甲" : "示意乙";
      return session();
    }
    if (route === "POST /session/link") {
      person = body["token"] === "leader" ? "示意甲" : "示意乙";
      return session();
    }
    if (route === "POST /session/end") {
      person = null;
      return {};
    }
    if (route === "GET /public/alerts") return { items: alerts().filter((item) => item.state === "active"), phone: { duty_room: "00012345678" } };
    if (!person) throw new Refusal("signed_out");
    if (route === "GET /map/base") return night.county.base;
    if (route === "GET /map/danger-areas") return night.county.dangerAreas;
    if (route === "GET /alerts") return { items: alerts() };
    if (route === "POST /alerts/import" || route === "POST /alerts/paste") {
      const text = String(body["text"] ?? "");
      if (path.endsWith("paste")) {
        if (text.length < 10) throw new Refusal("unreadable");
        draft = "draft";
        return alert("77");
      }
      if (!text.trim().startsWith("<") && text !== "") {
        return {
          items: [
            {
              alert_id: null,
              verdict: "rejected",
              format: "unknown",
              errors: [{ code: "not_xml", zh: "不是 12379 或 CAP 报文。若是通告文字，请用“粘贴通告”。", en: "Not a 12379 or CAP message. For a bulletin use “Paste a bulletin”.", line: 1, field: null }],
            },
          ],
        };
      }
      draft = "draft";
      return { items: [{ alert_id: "77", verdict: "accepted", format: "12379", errors: [] }] };
    }
    if (route === "GET /demonstration") {
      if (demonstration.state === "running" && seconds() >= 905) demonstration = { ...demonstration, state: "finished" };
      return { ...demonstration, night_time: demonstration.state === "idle" ? null : nightNow() };
    }
    if (route === "POST /demonstration/start") {
      startedAt = Date.now() - (Number(body["already_seconds"] ?? 0) / 5) * 1000;
      alertState = "active";
      demonstration = { state: "running", night_time: nightNow(), alert_id: night.alertId, callout_id: night.calloutId, speed: 5, second_act: null };
      return demonstration;
    }
    if (route === "POST /demonstration/stop") {
      demonstration = { ...demonstration, state: "idle" };
      alertState = null;
      return demonstration;
    }
    const [, noun, id = "", verb = ""] = path.split("/");
    if (noun === "alerts") return alertVerb(method, id, verb, body);
    if (noun === "callouts" && verb === "board") {
      const at = query.get("at");
      return night.board(at ? Math.max(0, (Date.parse(at) - OPENED_AT_MS) / 1000) : seconds(), true);
    }
    if (noun === "callouts" && verb === "unanswered") {
      const village = query.get("village");
      const all = night.unanswered(seconds(), reachedByHand).filter((item) => !village || item.place_code === village);
      const from = Number(query.get("after") ?? 0);
      const limit = Number(query.get("limit") ?? 50);
      return { items: all.slice(from, from + limit), next: from + limit < all.length ? String(from + limit) : null };
    }
    if (noun === "calls" && verb === "reveal") {
      if (!body["reason"]) throw new Refusal("reason_needed");
      return { phone: `0001${id.slice(-7)}` };
    }
    if (noun === "calls") {
      reachedByHand.add(id);
      return {};
    }
    throw new Refusal("not_found");
  }

  function alertVerb(method: string, id: string, verb: string, body: Record<string, unknown>): unknown {
    if (verb === "concerned") return concerned();
    if (verb === "evacuation") {
      const totals = night.board(seconds(), true).evacuation;
      const village = night.county.villages.find((one) => night.county.warningCodes.includes(one.code));
      const missing = [
        { household_id: "31", label: "示意户 31", place_code: village?.code ?? "", people: 3, assist_level: 2, status: "refuses", responsible_name: "示意丙2" },
        { household_id: "57", label: "示意户 57", place_code: village?.code ?? "", people: 1, assist_level: 0, status: "knocked_no_answer", responsible_name: "示意丁4" },
      ];
      return { ...totals, missing };
    }
    if (verb === "timeline") {
      const items = night.timeline(seconds());
      return { items, verified: { state: "verified", facts: 1200 + items.length * 12, checked_at: nightNow() } };
    }
    if (method === "PATCH") includesOthers = Boolean(body["include_other_households"]);
    if (id === "77" && verb === "submit") draft = "pending";
    if (id === "77" && verb === "return") {
      if (!body["reason"]) throw new Refusal("reason_needed");
      draft = "returned";
    }
    if (id === "77" && verb === "approve") {
      if (person !== "示意甲") throw new Refusal("own_alert");
      draft = "active";
    }
    if (id === "77" && verb === "cancel") draft = "cancelled";
    if (id === night.alertId && verb === "cancel") alertState = "cancelled";
    return alert(id);
  }

  function handle(request: Request, response: Response, otherwise: () => void): void {
    const url = new URL(request.url ?? "/", "http://fake");
    if (!url.pathname.startsWith("/api/v1/")) return otherwise();
    const path = url.pathname.slice("/api/v1".length);
    if (path === "/live") return stream(request, response);
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const text = chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
      let body: Record<string, unknown> = {};
      try {
        if (text) body = JSON.parse(text) as Record<string, unknown>;
      } catch {
        body = { text };
      }
      response.setHeader("Content-Type", "application/json");
      try {
        response.end(JSON.stringify(answer(request.method ?? "GET", path, url.searchParams, body)));
      } catch (error) {
        const code = error instanceof Refusal ? error.code : "not_found";
        const [status, zh, en] = PROBLEMS[code];
        response.statusCode = status;
        response.end(JSON.stringify({ code, zh, en, data: {}, request_id: "fake-request" }));
      }
    });
  }

  function stream(request: Request, response: Response): void {
    response.setHeader("Content-Type", "text/event-stream");
    response.setHeader("Cache-Control", "no-store");
    let revision = 0;
    response.write(": hello\n\n");
    const timer = setInterval(() => {
      revision += 1;
      response.write(`event: changed\ndata: ${JSON.stringify({ topic: `callout:${night.calloutId}`, revision })}\n\n`);
    }, 1000);
    request.on("close", () => clearInterval(timer));
  }

  return { handle };
}
