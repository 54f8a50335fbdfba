/** Looks at frames of the camera until somebody stops it. */
import { ownDetector, readPixels } from "@fengsui/data";

const LOOK_MILLISECONDS = 200;
/** Enough pixels for 110 squares; more only costs a slow phone time. */
const SIDE_MAX = 900;
/** A picture may be taken from far or from a coarse screen: other sizes find what the first does not. */
const PICTURE_SIDES = [SIDE_MAX, 1_600, 600] as const;
const ENLARGE_MAX = 3;

export type CameraTrouble = "none" | "refused";

/** The RGBA pixels of a picture whose longer side becomes `side`. */
function pixelsOf(source: CanvasImageSource, width: number, height: number, side: number): ImageData | null {
  const scale = Math.min(ENLARGE_MAX, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return null;
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** The text of the code in a picture file; null when there is none. Throws when it is no picture. */
export async function readPictureFile(file: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(file);
  try {
    for (const side of PICTURE_SIDES) {
      const seen = pixelsOf(bitmap, bitmap.width, bitmap.height, side);
      const text = seen === null ? null : await readPixels(seen.data, seen.width, seen.height);
      if (text !== null) return text;
    }
    return null;
  } finally {
    bitmap.close();
  }
}

export class Camera {
  private stream: MediaStream | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private stopped = false;

  /** Null when it runs; every code seen goes to `seen`, the same one again and again. */
  async start(video: HTMLVideoElement, seen: (text: string) => Promise<void>): Promise<CameraTrouble | null> {
    const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
    if (typeof devices?.getUserMedia !== "function") return "none";
    try {
      this.stream = await devices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    } catch (error) {
      return error instanceof DOMException && error.name === "NotFoundError" ? "none" : "refused";
    }
    if (this.stopped) {
      this.stop();
      return null;
    }
    video.srcObject = this.stream;
    await video.play().catch(() => undefined);
    const detector = await ownDetector();
    const look = async (): Promise<void> => {
      if (this.stopped) return;
      const text = await this.read(video, detector).catch(() => null);
      if (text) await seen(text);
      if (!this.stopped) this.timer = setTimeout(() => void look(), LOOK_MILLISECONDS);
    };
    void look();
    return null;
  }

  private async read(
    video: HTMLVideoElement,
    detector: Awaited<ReturnType<typeof ownDetector>>,
  ): Promise<string | null> {
    if (video.videoWidth === 0) return null;
    if (detector !== null) return (await detector.detect(video))[0]?.rawValue ?? null;
    const seen = pixelsOf(video, video.videoWidth, video.videoHeight, SIDE_MAX);
    return seen === null ? null : await readPixels(seen.data, seen.width, seen.height);
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }
}
