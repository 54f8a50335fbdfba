/** QR codes to the screen and from a picture; both halves are loaded only when somebody asks. */
interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}
interface DetectorMaker {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** Rows of dark and light squares, without the quiet zone. */
export async function codeOf(text: string): Promise<boolean[][]> {
  const { encode } = await import("uqr");
  return encode(text, { ecc: "M", border: 0, boostEcc: false }).data;
}

/** The browser's own reader where there is one (Chromium on Android, macOS), else null. */
export async function ownDetector(): Promise<Detector | null> {
  const maker = (globalThis as { BarcodeDetector?: DetectorMaker }).BarcodeDetector;
  if (maker === undefined) return null;
  const formats = await maker.getSupportedFormats().catch((): string[] => []);
  return formats.includes("qr_code") ? new maker({ formats: ["qr_code"] }) : null;
}

/** The text of the code in a picture of `width` × `height` RGBA pixels, or null. */
export async function readPixels(pixels: Uint8ClampedArray, width: number, height: number): Promise<string | null> {
  const { default: jsQR } = await import("jsqr");
  return jsQR(pixels, width, height, { inversionAttempts: "attemptBoth" })?.data ?? null;
}
