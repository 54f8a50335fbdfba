/**
 * Whether this device can draw Chinese by itself. A phone sold in China always can, and must not
 * fetch megabytes of font over a thin link; a bare desktop machine may not.
 */
export function hasHanGlyphs(): boolean {
  const canvas = document.createElement("canvas");
  canvas.width = 32;
  canvas.height = 32;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return true;
  const draw = (character: string): string => {
    pen.clearRect(0, 0, 32, 32);
    pen.font = "24px sans-serif";
    pen.fillText(character, 2, 26);
    return pen.getImageData(0, 0, 32, 32).data.join();
  };
  // Missing characters are all drawn as the same empty box.
  return draw("烽") !== draw("村");
}
