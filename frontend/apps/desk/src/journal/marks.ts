/** Which moments of the record get their words on the strip: those that have room, decisions before routine. */
export interface Moment {
  key: string;
  kind: string;
  share: number;
  time: string;
  sentence: string;
}
export interface Mark extends Moment {
  label: string;
}

const CHARACTER_PX = 12.8;
const TIME_PX = 45;
const STRIP_PX = 1000;
export const RIGHT_ALIGNED_FROM = 0.86;
const MARKS_MAX = 60;
const LABEL_LENGTH_MAX = 18;
const WEIGHT_NAMED_MIN = 2;

/** Batched facts of the engine are many and alike; a decision or an ending is what people look for. */
function weight(kind: string): number {
  if (/^callout\.(opened|finished|stopped)$|^alert\.cancelled$/.test(kind)) return 4;
  if (/^alert\.|named|knocks|at_risk/.test(kind)) return 3;
  if (/reached|stood_in|answered_for|opened|closed|skipped|paused/.test(kind)) return 2;
  return 1;
}

/** `stripPx`: about how wide the strip is on a desk. */
export function placeMarks(moments: readonly Moment[], stripPx = STRIP_PX): Mark[] {
  const ranked = [...moments].sort((a, b) => weight(b.kind) - weight(a.kind) || a.share - b.share).slice(0, MARKS_MAX);
  const taken: [number, number][] = [];
  const marks = ranked.map((moment): Mark => {
    const words = shorten(moment.sentence);
    const width = (TIME_PX + widthOf(words) * CHARACTER_PX) / stripPx;
    const start = moment.share > RIGHT_ALIGNED_FROM ? moment.share - width : moment.share;
    const hasRoom = weight(moment.kind) >= WEIGHT_NAMED_MIN && taken.every(([from, to]) => start >= to || start + width <= from);
    if (hasRoom) taken.push([start, start + width]);
    return { ...moment, label: hasRoom ? `${moment.time} ${words}` : "" };
  });
  return marks.sort((a, b) => a.share - b.share);
}

/** Width in Chinese characters; a Latin letter takes about half of one. */
function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (character < "\u2e80" ? 0.55 : 1), 0);
}

function shorten(sentence: string): string {
  const whole = sentence.replace(/【[^】]*】/g, "");
  const text = widthOf(whole) > LABEL_LENGTH_MAX ? (whole.split(/[，。；（[,.;(]/)[0] ?? whole) : whole;
  if (widthOf(text) <= LABEL_LENGTH_MAX) return text;
  let short = "";
  for (const character of text) {
    if (widthOf(short + character) > LABEL_LENGTH_MAX) break;
    short += character;
  }
  return `${short}…`;
}
