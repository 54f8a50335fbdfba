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

const ROOM = 0.155;
const MARKS_MAX = 60;
const LABEL_LENGTH_MAX = 16;

/** Batched facts of the engine are many and alike; a decision or an ending is what people look for. */
function weight(kind: string): number {
  if (/opened|approved|activated|finished|stopped|cancelled|named|imported|received/.test(kind)) return 3;
  if (/unit|reached|support|returned|submitted|round|knock/.test(kind)) return 2;
  return 1;
}

export function placeMarks(moments: readonly Moment[]): Mark[] {
  const ranked = [...moments].sort((a, b) => weight(b.kind) - weight(a.kind) || a.share - b.share).slice(0, MARKS_MAX);
  const taken: number[] = [];
  const marks = ranked.map((moment): Mark => {
    const hasRoom = taken.every((other) => Math.abs(other - moment.share) >= ROOM);
    if (hasRoom) taken.push(moment.share);
    return { ...moment, label: hasRoom ? `${moment.time} ${shorten(moment.sentence)}` : "" };
  });
  return marks.sort((a, b) => a.share - b.share);
}

function shorten(sentence: string): string {
  const first = sentence.split(/[，。；：,.;:]/)[0] ?? sentence;
  return [...first].length > LABEL_LENGTH_MAX ? `${[...first].slice(0, LABEL_LENGTH_MAX).join("")}…` : first;
}
