/** What a phone sends without the box: docs/interfaces/telegrams.md, 短信格式. */
export type Need = "rescue" | "boat" | "medical" | "stretcher" | "food" | "water" | "machinery";
export const NEEDS: readonly Need[] = ["rescue", "boat", "medical", "stretcher", "water", "food", "machinery"];

const NEED_TEXT: Record<Need, string> = {
  rescue: "要救",
  boat: "要船",
  medical: "要医",
  stretcher: "要担架",
  water: "要饮水",
  food: "要粮",
  machinery: "要挖机",
};
const TEXT_CHARACTERS_MAX = 40;

/** `SOS 6人 伤2 要船 后山二组`. */
export function sosText(said: { people: number; injured: number; need: readonly Need[]; text: string }): string {
  const where = said.text.trim().replaceAll(/\s+/g, "").slice(0, TEXT_CHARACTERS_MAX);
  const injured = said.injured > 0 ? [`伤${said.injured}`] : [];
  const words = [`SOS ${said.people}人`, ...injured, ...said.need.map((one) => NEED_TEXT[one]), where];
  return words.filter((word) => word !== "").join(" ");
}

export interface Counted {
  should: number;
  moved: number;
  away: number;
  needs_help: number;
  sheltered: number;
  injured: number;
  missing: number;
  dead: number;
}
const COUNT_WORDS: readonly [keyof Counted, string][] = [
  ["away", "外"],
  ["needs_help", "助"],
  ["injured", "伤"],
  ["missing", "失"],
  ["dead", "亡"],
  ["sheltered", "安"],
];

/** `ZY 32/35 外2 助1`: zeros are left out. */
export function countText(said: Counted): string {
  const more = COUNT_WORDS.filter(([name]) => said[name] > 0).map(([name, word]) => ` ${word}${said[name]}`);
  return `ZY ${said.moved}/${said.should}${more.join("")}`;
}
