/** The invented night as a function of seconds since the call-out opened: the same answer for live and for replay. */
import type { AlertDetail, Board, TimelineItem, UnansweredItem } from "@fengsui/api";

import { chance } from "./chance.ts";
import type { County, Village } from "./county.ts";

export const OPENED_AT_MS = Date.parse("2026-07-16T18:10:05Z"); // 02:10:05 Beijing
export const CALLED = 212;

interface Party {
  id: string;
  name: string;
  title: string;
  village: Village;
  answersAt: number;
  inPerson: boolean;
  slow: number;
}
const STEMS = "甲乙丙丁戊己庚辛壬癸";
const TITLES = ["村支书 · A岗", "网格员", "山洪预警员", "包村干部", "中心户长", "转移包保责任人"];

export class Night {
  readonly parties: Party[];
  readonly alertId = "4611686018427387905";
  readonly calloutId = "4611686018427387906";

  constructor(readonly county: County) {
    const next = chance(11);
    const concerned = county.villages.filter((village) => county.warningCodes.includes(village.code));
    const stubborn = concerned.slice(2, 5).map((village) => village.code);
    this.parties = Array.from({ length: CALLED }, (_, index) => {
      const village = concerned[index % concerned.length] ?? concerned[0];
      if (!village) throw new Error("the warning area holds no village");
      const late = stubborn.includes(village.code);
      const draw = next();
      const answersAt = late ? 300 + draw * 420 : 12 + -Math.log(1 - draw * 0.985) * 62;
      return {
        id: String(5_000_000_000_000_000_000n + BigInt(index)),
        name: `示意${STEMS[index % 10] ?? ""}${Math.floor(index / 10) + 1}`,
        title: TITLES[index % TITLES.length] ?? "",
        village,
        answersAt: index % 53 === 52 ? Infinity : answersAt,
        inPerson: late && draw > 0.4,
        slow: draw,
      };
    });
  }

  isReached(party: Party, seconds: number): boolean {
    return party.answersAt <= seconds;
  }

  board(seconds: number, exercise: boolean): Board {
    const reached = this.parties.filter((party) => this.isReached(party, seconds));
    const inPerson = reached.filter((party) => party.inPerson).length;
    const named = seconds > 780 ? this.parties.length - reached.length : 0;
    const byVillage = new Map<string, Party[]>();
    for (const party of this.parties) byVillage.set(party.village.code, [...(byVillage.get(party.village.code) ?? []), party]);
    const places = [...byVillage.values()].map((parties) => {
      const village = parties[0]?.village;
      const answered = parties.filter((party) => this.isReached(party, seconds)).length;
      const head = parties.some((party) => this.isReached(party, seconds));
      const state = answered === parties.length ? "answered" : !head && seconds > 90 ? "unanswered" : "calling";
      return {
        code: village?.code ?? "",
        name: village?.name ?? "",
        called: parties.length,
        answered,
        unanswered: parties.length - answered,
        state: state as Board["by_place"][number]["state"],
      };
    });
    const waiting = places.filter((place) => place.answered === 0);
    const should = 640;
    const share = Math.min(1, Math.max(0, (seconds - 60) / 900));
    const away = Math.round(31 * Math.min(1, share * 2));
    const moved = Math.round((should - 31 - 4) * share);
    return {
      callout: {
        id: this.calloutId,
        alert_id: this.alertId,
        state: seconds > 900 ? "finished" : "open",
        level: "red",
        exercise,
        opened_at: new Date(OPENED_AT_MS).toISOString(),
        closed_at: seconds > 900 ? new Date(OPENED_AT_MS + 900_000).toISOString() : null,
        now: new Date(OPENED_AT_MS + seconds * 1000).toISOString(),
      },
      called: this.parties.length,
      answered: reached.length - inPerson,
      unanswered: this.parties.length - reached.length,
      reached_in_person: inPerson,
      unreached_named: named,
      needs_support: Math.min(3, Math.floor(seconds / 120)),
      units: {
        called: places.length,
        answered: places.length - waiting.length,
        unanswered: waiting.map(({ code, name }) => ({ code, name })),
      },
      curve: this.curve(seconds),
      projected_seconds: seconds > 60 && seconds < 780 ? Math.max(420, Math.round(seconds * 1.35)) : null,
      by_place: places,
      by_rung: [],
      by_channel: [
        { channel: "voice", handed_over: 341, delivered: 298, acknowledged: reached.length - inPerson, failed: 43 },
        { channel: "sms", handed_over: 212, delivered: 205, acknowledged: 0, failed: 7 },
      ],
      evacuation: { should, moved, away, not_yet: should - moved - away, needs_help_left: Math.round(87 * (1 - share)) },
    };
  }

  private curve(seconds: number): [number, number][] {
    const times = this.parties.map((party) => party.answersAt).filter((time) => time <= seconds);
    times.sort((a, b) => a - b);
    const points: [number, number][] = [[0, 0]];
    times.forEach((time, index) => points.push([Math.round(time), index + 1]));
    return points.filter((point, index) => index === 0 || point[0] !== points[index + 1]?.[0]);
  }

  unanswered(seconds: number, done: ReadonlySet<string>): UnansweredItem[] {
    return this.parties
      .filter((party) => !this.isReached(party, seconds) && !done.has(party.id))
      .map((party) => {
        const tries = Math.min(3, 1 + Math.floor(seconds / 60));
        const knocking = seconds > 300 && party.slow > 0.5;
        const [zh, en] = (
          [
            ["无人接听", "no answer"],
            ["关机", "switched off"],
            ["听 6 秒挂断", "heard 6 s, hung up"],
            ["占线", "busy"],
          ] as const
        )[Math.floor(party.slow * 3.99)] ?? ["未回复", "no reply"];
        return {
          call_id: party.id,
          person_name: party.name,
          post_title: party.title,
          place_code: party.village.code,
          place_name: party.village.name,
          phone_masked: "000****" + party.id.slice(-4),
          state: knocking ? "knock" : "ringing",
          rung: knocking ? 3 : tries > 2 ? 2 : 1,
          rung_word_zh: knocking ? "待上门" : tries > 2 ? "B岗 已响" : "本人",
          rung_word_en: knocking ? "at the door" : tries > 2 ? "deputy ringing" : "the person",
          tries,
          last_word: "no_answer",
          last_word_zh: zh,
          last_word_en: en,
          next_at: knocking ? null : new Date(OPENED_AT_MS + (seconds + 18 + party.slow * 40) * 1000).toISOString(),
          can_reveal: true,
        };
      });
  }

  timeline(seconds: number): TimelineItem[] {
    const fixed: [number, string, string, string, string][] = [
      [-4, "alert.imported", "收到县气象台暴雨红色预警，原文保存，签名有效。", "Rainstorm red warning received, kept verbatim, signature valid.", "系统"],
      [-2, "alert.approved", "按预先授权批准叫应 212 人，范围 2 个乡镇。", "Approved under standing authorisation: 212 people in 2 townships.", "示意甲"],
      [0, "callout.opened", "开始叫应：212 人，17 个村。", "Call-out opened: 212 people, 17 villages.", "系统"],
      [62, "callout.round_ended", "首轮叫完，未应者 15 秒后再叫。", "First round done; the silent are called again in 15 s.", "系统"],
      [95, "unit.named", "三个村无人应答，已报乡镇。", "Three villages silent; passed up to the township.", "系统"],
      [183, "callout.round_ended", "三轮完毕，转 B 岗和乡镇带班。", "Three rounds done; deputies and township leaders next.", "系统"],
      [310, "call.knock", "三个村派人上门。", "People sent to knock in three villages.", "示意乙"],
      [520, "call.reached_in_person", "上门叫到村支书，记为当面。", "Village secretary reached at the door.", "示意丙"],
      [780, "callout.named", "仍未应者逐一点名，交带班领导。", "The last silent persons named to the duty leader.", "系统"],
      [900, "callout.finished", "全部有着落。", "Everyone is accounted for.", "系统"],
    ];
    return fixed
      .filter(([second]) => second <= seconds)
      .map(([second, kind, zh, en, actor], index) => ({
        fact_id: `fact-${index}`,
        at: new Date(OPENED_AT_MS + second * 1000).toISOString(),
        kind,
        sentence_zh: zh,
        sentence_en: en,
        actor_name: actor,
        place_name: "示意县",
        verified: true,
      }));
  }
}

export function warningDetail(night: Night, state: AlertDetail["state"], exercise: boolean): AlertDetail {
  return {
    id: night.alertId,
    kind: "official_warning",
    category: "11B03",
    category_name: "暴雨",
    level: "red",
    headline: "示意县气象台发布暴雨红色预警",
    short_text: "3 小时内雨量将超 100 毫米，危险区人员现在转移到安置点。",
    issuer: "示意县气象台",
    issued_at: "2026-07-16T18:10:00Z",
    starts_at: "2026-07-16T18:10:00Z",
    expires_at: "2026-07-16T21:10:00Z",
    area_description: "青岩镇、黑潭镇等 2 个乡镇 17 个村",
    exercise,
    state,
    callout_id: state === "active" ? night.calloutId : null,
    evacuation_id: state === "active" ? "4611686018427387907" : null,
    verbatim_text:
      "示意县气象台 7 月 17 日 02 时 10 分发布暴雨红色预警信号：预计未来 3 小时，青岩镇、黑潭镇等地降雨量将达 100 毫米以上，山洪、地质灾害气象风险极高，请立即做好转移避险。",
    caution: "山洪、滑坡、泥石流风险极高；沿河、切坡建房和低洼处最危险。",
    instruction: "危险区人员立即转移到安置点；停止户外作业；不得返回取物。",
    area: { codes: ["990126101000", "990126104000"], polygons: [], geojson: night.county.warningArea.geometry },
    identifier: "99012641600000_20260717021000",
    msg_type: "Alert",
    references: [],
    source_format: "12379",
    signature: { present: true, valid: true, signer: "示意县预警发布中心" },
    author: "示意乙",
    approver: state === "active" ? "示意甲" : null,
    may_approve: ["示意甲"],
    missing: [],
    history: [
      { at: "2026-07-16T18:10:01Z", verb: "imported", by: "系统", reason: null },
      ...(state === "active" ? [{ at: "2026-07-16T18:10:03Z", verb: "approved", by: "示意甲", reason: "预先授权" }] : []),
    ],
    allowed: state === "pending" ? ["approve", "return"] : state === "draft" ? ["submit", "edit"] : state === "active" ? ["cancel"] : [],
  };
}
