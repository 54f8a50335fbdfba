/**
 * A mark outside IndexedDB: after the browser has thrown the store away, it still says that there was
 * one and how far it had counted. In two places, because they are not thrown away together.
 */
export interface Mark {
  key_id: string;
  person_id: string;
  name: string;
  /** The number of the last item written. */
  number: number;
  at: number;
}

const NAME = "fengsui_field_mark";
const COOKIE_SECONDS = 400 * 24 * 3600;

export interface MarkPlaces {
  local: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
  cookies: { cookie: string } | null;
}

function isMark(value: unknown): value is Mark {
  const mark = value as Partial<Mark> | null;
  return typeof mark?.key_id === "string" && typeof mark.number === "number" && typeof mark.person_id === "string";
}

function parsed(text: string | null | undefined): Mark | null {
  if (!text) return null;
  try {
    const value: unknown = JSON.parse(decodeURIComponent(text));
    return isMark(value) ? value : null;
  } catch {
    return null;
  }
}

export function writeMark(places: MarkPlaces, mark: Mark): void {
  const text = encodeURIComponent(JSON.stringify(mark));
  try {
    places.local?.setItem(NAME, text);
  } catch {
    /* a full or forbidden store: the other place has it */
  }
  if (places.cookies) {
    places.cookies.cookie = `${NAME}=${text}; path=/field/; max-age=${COOKIE_SECONDS}; SameSite=Strict`;
  }
}

/** The mark that counted further. */
export function readMark(places: MarkPlaces): Mark | null {
  let local: string | null = null;
  try {
    local = places.local?.getItem(NAME) ?? null;
  } catch {
    /* as above */
  }
  const cookie = places.cookies?.cookie.split("; ").find((one) => one.startsWith(`${NAME}=`));
  const marks = [parsed(local), parsed(cookie?.slice(NAME.length + 1))].filter((one) => one !== null);
  return marks.sort((a, b) => b.at - a.at)[0] ?? null;
}

export function clearMark(places: MarkPlaces): void {
  try {
    places.local?.removeItem(NAME);
  } catch {
    /* nothing to clear */
  }
  if (places.cookies) places.cookies.cookie = `${NAME}=; path=/field/; max-age=0; SameSite=Strict`;
}
