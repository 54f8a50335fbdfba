/** Small pictures that the map draws with: made here, so that none has to be fetched. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

function paint(size: number, draw: (pen: CanvasRenderingContext2D) => void): Picture {
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d");
  if (!pen) return { width: size, height: size, data: new Uint8ClampedArray(size * size * 4) };
  draw(pen);
  return { width: size, height: size, data: pen.getImageData(0, 0, size, size).data };
}

/** Hatching says "this is an area of a warning" without hiding what lies under it, and reads without colour. */
export function hatch(colour: string, size = 16): Picture {
  return paint(size, (pen) => {
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift - 2, size + 2);
      pen.lineTo(shift + size + 2, -2);
      pen.stroke();
    }
  });
}

/** A house with a flag: a school, a site, a place where many people are. */
export function venue(colour: string, edge: string, size = 36): Picture {
  return paint(size, (pen) => {
    const unit = size / 18;
    pen.fillStyle = colour;
    pen.strokeStyle = edge;
    pen.lineWidth = 1.6 * unit;
    pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(3 * unit, 15 * unit);
    pen.lineTo(3 * unit, 9 * unit);
    pen.lineTo(9 * unit, 4 * unit);
    pen.lineTo(15 * unit, 9 * unit);
    pen.lineTo(15 * unit, 15 * unit);
    pen.closePath();
    pen.stroke();
    pen.fill();
    pen.fillStyle = edge;
    pen.fillRect(7.6 * unit, 10.4 * unit, 2.8 * unit, 4.6 * unit);
  });
}
