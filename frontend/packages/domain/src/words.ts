/** The trade's words in both languages. Colours and shapes never stand alone: each has its word here. */
export interface Words {
  zh: string;
  en: string;
}

export type Level = "red" | "orange" | "yellow" | "blue" | "none";
export type AlertKind = "official_warning" | "monitoring_alarm" | "evacuation_instruction";
export type Shape = "triangle" | "diamond" | "square";

export const LEVEL_WORDS: Record<Level, Words> = {
  red: { zh: "红色", en: "Red" },
  orange: { zh: "橙色", en: "Orange" },
  yellow: { zh: "黄色", en: "Yellow" },
  blue: { zh: "蓝色", en: "Blue" },
  none: { zh: "", en: "" },
};

export const KIND_WORDS: Record<AlertKind, Words> = {
  official_warning: { zh: "预警", en: "warning" },
  monitoring_alarm: { zh: "监测告警", en: "monitoring alarm" },
  evacuation_instruction: { zh: "转移避险指令", en: "evacuation instruction" },
};

export const KIND_SHAPES: Record<AlertKind, Shape> = {
  official_warning: "triangle",
  monitoring_alarm: "diamond",
  evacuation_instruction: "square",
};

/** English for the event names that official warnings use; an unknown name stays as it was issued. */
const EVENT_EN: Readonly<Record<string, string>> = {
  暴雨: "rainstorm",
  强降雨: "heavy rain",
  山洪: "flash flood",
  山洪灾害: "flash flood",
  地质灾害: "geological hazard",
  洪水: "flood",
  内涝: "waterlogging",
  台风: "typhoon",
  雷电: "lightning",
  雷雨大风: "thunderstorm gale",
  强对流: "severe convection",
  大风: "gale",
  冰雹: "hail",
  暴雪: "blizzard",
  寒潮: "cold wave",
  低温: "low temperature",
  霜冻: "frost",
  道路结冰: "road icing",
  高温: "heat",
  干旱: "drought",
  大雾: "fog",
  霾: "haze",
  沙尘暴: "sandstorm",
  森林火险: "forest fire danger",
};

/** The name people say: 暴雨红色预警; a monitoring alarm never borrows the word 预警信号. */
export function alertTitle(alert: { kind: AlertKind; level: Level; category_name: string; self_rescue?: boolean; area_description?: string }): Words {
  if (alert.self_rescue) {
    const where = alert.area_description ?? "";
    return { zh: ["自救呼叫", where].filter(Boolean).join(" · "), en: ["Self-rescue call", where].filter(Boolean).join(": ") };
  }
  const kind = KIND_WORDS[alert.kind];
  const level = LEVEL_WORDS[alert.level];
  const event = EVENT_EN[alert.category_name] ?? alert.category_name;
  if (alert.kind === "official_warning") {
    return {
      zh: `${alert.category_name}${level.zh}${kind.zh}`,
      en: [level.en, event, kind.en].filter(Boolean).join(" "),
    };
  }
  return { zh: `${kind.zh} · ${alert.category_name}`, en: `${event}: ${kind.en}` };
}

export type AlertState =
  | "draft"
  | "pending"
  | "approved"
  | "active"
  | "updated"
  | "cancelled"
  | "expired"
  | "returned";

export const ALERT_STATE_WORDS: Record<AlertState, Words> = {
  draft: { zh: "草稿", en: "Draft" },
  pending: { zh: "待审批", en: "Waiting for approval" },
  approved: { zh: "已批准", en: "Approved" },
  active: { zh: "在发", en: "In force" },
  updated: { zh: "已更新", en: "Updated" },
  cancelled: { zh: "已解除", en: "Cancelled" },
  expired: { zh: "已过时效", en: "Expired" },
  returned: { zh: "已退回", en: "Returned" },
};

export type PlaceCallState = "answered" | "calling" | "unanswered" | "out_of_area";

export const PLACE_STATE_WORDS: Record<PlaceCallState, Words> = {
  answered: { zh: "已应", en: "Answered" },
  calling: { zh: "叫应中", en: "Being called" },
  unanswered: { zh: "未应", en: "Not answered" },
  out_of_area: { zh: "不在范围", en: "Outside the area" },
};

export type HouseholdStatus =
  | "not_yet"
  | "told"
  | "moved_central"
  | "moved_relatives"
  | "away"
  | "knocked_no_answer"
  | "needs_help"
  | "refuses";

export const HOUSEHOLD_STATUS_WORDS: Record<HouseholdStatus, Words> = {
  not_yet: { zh: "未转", en: "Not moved yet" },
  told: { zh: "已当面通知", en: "Told in person" },
  moved_central: { zh: "已转移 · 集中", en: "Moved: shelter" },
  moved_relatives: { zh: "已转移 · 投亲", en: "Moved: relatives" },
  away: { zh: "外出不在村", en: "Away from the village" },
  knocked_no_answer: { zh: "敲门无人应", en: "Knocked, nobody answered" },
  needs_help: { zh: "需协助转移", en: "Needs help to move" },
  refuses: { zh: "拒不转移", en: "Refuses to move" },
};

export type AnswerKind = "on_it" | "need_support" | "away_pass_to_b";

export const ANSWER_WORDS: Record<AnswerKind, Words> = {
  on_it: { zh: "收到，正在落实", en: "Received, acting on it" },
  need_support: { zh: "需支援", en: "Need support" },
  away_pass_to_b: { zh: "不在村，转 B 岗", en: "Away, pass to deputy" },
};

export type ConfirmedHow = "phone" | "neighbour" | "relative" | "in_person";

export const CONFIRMED_HOW_WORDS: Record<ConfirmedHow, Words> = {
  phone: { zh: "电话", en: "By phone" },
  neighbour: { zh: "邻居", en: "A neighbour" },
  relative: { zh: "亲属", en: "A relative" },
  in_person: { zh: "当面", en: "In person" },
};

export const CHANNEL_WORDS: Record<string, Words> = {
  app: { zh: "应用内", en: "In the app" },
  in_app: { zh: "应用内", en: "In the app" },
  phone: { zh: "语音", en: "Voice" },
  voice: { zh: "语音", en: "Voice" },
  sms: { zh: "短信", en: "Text message" },
  email: { zh: "邮件", en: "E-mail" },
  in_person: { zh: "上门", en: "In person" },
  simulated: { zh: "模拟线路", en: "Simulated carrier" },
};
