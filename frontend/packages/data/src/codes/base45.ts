/** Base45 (RFC 9285): bytes in the alphabet that a QR code packs best. */
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const BASE = ALPHABET.length;

export function toBase45(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 2) {
    const first = bytes[index] ?? 0;
    const second = bytes[index + 1];
    let value = second === undefined ? first : first * 256 + second;
    for (let sign = second === undefined ? 2 : 3; sign > 0; sign -= 1) {
      text += ALPHABET[value % BASE];
      value = Math.floor(value / BASE);
    }
  }
  return text;
}

/** Null when the text is not Base45. */
export function fromBase45(text: string): Uint8Array | null {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 3) {
    const signs = [...text.slice(index, index + 3)].map((sign) => ALPHABET.indexOf(sign));
    if (signs.length === 1 || signs.includes(-1)) return null;
    const value = signs.reduceRight((sum, sign) => sum * BASE + sign, 0);
    if (value > (signs.length === 3 ? 0xffff : 0xff)) return null;
    if (signs.length === 3) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return Uint8Array.from(bytes);
}
